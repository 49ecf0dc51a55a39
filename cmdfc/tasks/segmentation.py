"""The segmenter by itself, on pictures that a finished fusion network has fused."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from torch import Tensor

from irvis.errors import DataError

from .. import checkpoint
from ..data.labelled import LabelledPairs, LabelledSampler
from ..data.synthetic import synthetic_pairs
from ..engine import TorchEngine
from ..losses.overlap import overlap_loss
from ..losses.semantic import semantic_loss
from ..model import build
from ..placement import Placement
from ..segmentation import Segmenter
from ..settings import SegmentationTraining
from .base import Task, channels_last, check_crop, labelled_folders

AUXILIARY_WEIGHT = 0.75


class SegmentationTask(Task):
    """The segmenter on augmented crops of labelled pictures."""

    kind = "segmentation"
    network: Segmenter

    def __init__(self, settings: SegmentationTraining, data: Path) -> None:
        self._settings = settings
        schedule = settings.schedule
        self.network = channels_last(Segmenter(settings.network))
        if settings.start:
            checkpoint.start(self.network, settings.start, "segmentation")
        else:
            self.network.backbone.load_imagenet()
        self.network.backbone.freeze(settings.frozen_blocks)
        self.placement = Placement.of(schedule)
        self.network.to(self.placement.device)
        check_crop("training.schedule.crop", schedule.crop, self.network.size_multiple)
        pairs = labelled_folders(settings.data, data)
        engine = TorchEngine(build(_needed(settings), None), "fusion") if settings.picture == "fused" else None
        pictures = LabelledPairs.of(
            chain(*pairs, synthetic_pairs(settings.synthetic_pictures)), settings.picture, engine
        )
        self._sampler = LabelledSampler(pictures, schedule.crop, schedule.batch, schedule.seed, settings.furnished)

    def losses(self, step: int) -> Mapping[str, Tensor]:
        """As `segmenter_losses`."""
        pictures, labels = self.on_device(*self._sampler.batch(step))
        return segmenter_losses(self.network, pictures, labels, self.placement)

    def description(self) -> dict[str, Any]:
        """Of the segmenter."""
        return asdict(self._settings.network)


def segmenter_losses(
    segmenter: Segmenter, pictures: Tensor, labels: Tensor, placement: Placement
) -> dict[str, Tensor]:
    """OHEM cross-entropy, overlap, and three quarters of the auxiliary scores' cross-entropy.

    Args:
        segmenter: In training.
        pictures: (B, 3, H, W) BGR in 0..255.
        labels: (B, H, W) int64 class ids; 255 is ignored.
        placement: Of the segmenter.
    """
    scores, auxiliary = placement.run(segmenter, pictures)
    return {
        "main": semantic_loss(scores, labels),
        "overlap": overlap_loss(scores, labels),
        "auxiliary": AUXILIARY_WEIGHT * semantic_loss(auxiliary, labels),
    }


def _needed(settings: SegmentationTraining) -> Path:
    if settings.fusion is None:
        raise DataError("training.fusion: expected the checkpoint of the fusion network; train that first")
    return settings.fusion
