"""What a training does at each step: fusion by itself, segmentation of fused pictures, or both together."""

from pathlib import Path

import torch

from ..settings import FusionTraining, JointTraining, SegmentationTraining
from .base import Task
from .fusion import FusionTask
from .joint import JointTask
from .segmentation import SegmentationTask

__all__ = ["Task", "open_task"]


def open_task(settings: FusionTraining | SegmentationTraining | JointTraining, data: Path) -> Task:
    """The task of a training configuration.

    Args:
        settings: Of the training.
        data: Folder that holds the data folders which the settings name.

    Raises:
        DataError: The data, or a checkpoint to start from, can't be used.
    """
    torch.manual_seed(settings.schedule.seed)
    if isinstance(settings, FusionTraining):
        return FusionTask(settings, data)
    if isinstance(settings, SegmentationTraining):
        return SegmentationTask(settings, data)
    return JointTask(settings, data)
