"""The fusion network by itself."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from ..data.crops import CropSampler
from ..fusion import FusionNet
from ..losses.fusion import fusion_losses
from ..placement import Placement
from ..settings import FusionTraining
from .base import Task, channels_last, check_crop


class FusionTask(Task):
    """The fusion network on random crops."""

    kind = "fusion"
    network: FusionNet

    def __init__(self, settings: FusionTraining, data: Path) -> None:
        self._settings = settings
        check_crop("training.schedule.crop", settings.schedule.crop, settings.network.size_multiple)
        self.placement = Placement.of(settings.schedule)
        self.network = channels_last(FusionNet(settings.network)).to(self.placement.device)
        self._sampler = CropSampler.of(settings.data, data, settings.schedule)

    def losses(self, step: int) -> Mapping[str, Tensor]:
        """Weighted fusion losses."""
        luma, infrared = self.on_device(*self._sampler.batch(step))
        fused = self.placement.run(self.network.fuse, luma, infrared)
        return fusion_losses(self._settings.loss, fused, luma, infrared)

    def description(self) -> dict[str, Any]:
        """Of the fusion network."""
        return asdict(self._settings.network)
