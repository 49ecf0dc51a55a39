"""What a training does at each step: the fusion network by itself, and the segmenter on fused pictures."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from irvis.errors import DataError

from .data.crops import CropSampler, LumaPairs
from .data.labelled import LabelledPairs, LabelledSampler
from .data.pairs import PairFolder
from .data.synthetic import synthetic_pairs
from .engine import TorchEngine
from .fusion import FusionNet
from .losses.fusion import fusion_losses
from .losses.overlap import overlap_loss
from .losses.semantic import semantic_loss
from .model import build
from .segmentation import Segmenter
from .settings import DataFolder, FusionTraining, SegmentationTraining

NetworkT = TypeVar("NetworkT", bound=nn.Module)


class Task(ABC):
    """A network in training, and what one step of it costs.

    Attributes:
        kind: Of its checkpoints.
        network: What is trained.
    """

    kind: str
    network: nn.Module

    @abstractmethod
    def losses(self, step: int) -> Mapping[str, Tensor]:
        """The weighted losses of a step's batch, by name; their sum is minimised."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """The network's configuration, as checkpoints keep it."""


class FusionTask(Task):
    """The fusion network on random crops."""

    kind = "fusion"
    network: FusionNet

    def __init__(self, settings: FusionTraining, data: Path) -> None:
        self._settings = settings
        schedule = settings.schedule
        if schedule.crop % settings.network.size_multiple:
            raise DataError(f"crop {schedule.crop}: expected a multiple of {settings.network.size_multiple}")
        self.network = channels_last(FusionNet(settings.network))
        sources = [LumaPairs.read(PairFolder(data / s.folder), s.share, schedule.crop) for s in settings.data]
        self._sampler = CropSampler(sources, schedule.crop, schedule.batch, schedule.seed)

    def losses(self, step: int) -> Mapping[str, Tensor]:
        """Weighted fusion losses."""
        luma, infrared = self._sampler.batch(step)
        fused = self.network.fuse(luma, infrared)
        return fusion_losses(self._settings.loss, fused, luma, infrared)

    def description(self) -> dict[str, Any]:
        """Of the fusion network."""
        return asdict(self._settings.network)


class SegmentationTask(Task):
    """The segmenter on labelled pictures that a finished fusion network has fused."""

    kind = "segmentation"
    network: Segmenter

    def __init__(self, settings: SegmentationTraining, data: Path) -> None:
        self._settings = settings
        schedule = settings.schedule
        self.network = channels_last(Segmenter(settings.network))
        self.network.backbone.load_imagenet()
        self.network.backbone.freeze(settings.frozen_blocks)
        if schedule.crop % self.network.size_multiple:
            raise DataError(f"crop {schedule.crop}: expected a multiple of {self.network.size_multiple}")
        pairs = _labelled(settings.data, data)
        engine = TorchEngine(build(_needed(settings), None), "fusion") if settings.picture == "fused" else None
        pictures = LabelledPairs.of(
            chain(*pairs, synthetic_pairs(settings.synthetic_pictures)), settings.picture, engine
        )
        self._sampler = LabelledSampler(pictures, schedule.crop, schedule.batch, schedule.seed)

    def losses(self, step: int) -> Mapping[str, Tensor]:
        """Overlap and OHEM cross-entropy, and three quarters of the auxiliary scores' cross-entropy."""
        pictures, labels = self._sampler.batch(step)
        scores, auxiliary = self.network(pictures)
        return {
            "main": semantic_loss(scores, labels),
            "overlap": overlap_loss(scores, labels),
            "auxiliary": 0.75 * semantic_loss(auxiliary, labels),
        }

    def description(self) -> dict[str, Any]:
        """Of the segmenter."""
        return asdict(self._settings.network)


def channels_last(network: NetworkT) -> NetworkT:
    """Lay the weights out as processors like them: about twice as fast for networks this narrow."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def _labelled(folders: list[DataFolder], data: Path) -> list[PairFolder]:
    found = [PairFolder(data / folder.folder) for folder in folders]
    for folder in found:
        if not folder.has_labels:
            raise DataError(f"{folder.root}: not every pair has labels; the segmenter learns from labelled pairs")
    return found


def _needed(settings: SegmentationTraining) -> Path:
    if settings.fusion is None:
        raise DataError("training.fusion: expected the checkpoint of the fusion network; train that first")
    return settings.fusion
