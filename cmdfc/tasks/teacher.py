"""What a finished, larger network would have drawn, for a smaller one to learn from."""

import torch
from torch import Tensor
from torch.nn import functional

from .. import checkpoint
from ..fusion import FusionNet
from ..placement import Placement
from ..settings import Distillation
from .base import channels_last, check_crop


class Teacher:
    """A fusion network that is not trained.

    Args:
        settings: Which, and what its word counts.
        crop: Side of the crops that it sees [px].
        placement: Where it runs.

    Raises:
        DataError: The checkpoint is missing or of another kind, or the network can't take such crops.
    """

    def __init__(self, settings: Distillation, crop: int, placement: Placement) -> None:
        network = FusionNet.of(checkpoint.load(settings.teacher, "fusion"))
        check_crop("training.schedule.crop", crop, network.config.size_multiple)
        self._network = channels_last(network).to(placement.device)
        self._weight = settings.weight
        self._placement = placement

    def loss(self, fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
        """The weighted mean difference from what it draws, of (B, 1, H, W) tensors in 0..1."""
        with torch.no_grad():
            taught = self._placement.run(self._network.fuse, luma, infrared)
        return self._weight * functional.l1_loss(fused, taught)
