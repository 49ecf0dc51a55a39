"""The one uint8 graph: pictures in, fused picture and labels out, everything between inside it."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import checkpoint
from .colour import luma, recombine
from .fusion import FusionNet
from .segmentation import Segmenter, label_map

SEGMENTER_BLOCK = 4


class FusionSegmentation(nn.Module):
    """Fusion and segmentation as artifacts carry them.

    Args:
        fusion: Trained.
        segmenter: Trained; without one, every label is 0.
    """

    def __init__(self, fusion: FusionNet, segmenter: Segmenter | None) -> None:
        super().__init__()
        self.fusion = fusion
        self.segmenter = segmenter

    @property
    def size_multiple(self) -> int:
        """Widths and heights must be a multiple of this [px]."""
        return self.segmenter.size_multiple if self.segmenter else self.fusion.config.unshuffle

    def forward(self, visible: Tensor, infrared: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse and segment.

        Args:
            visible: (N, H, W, 3) uint8 BGR; H and W are multiples of `size_multiple`.
            infrared: (N, H, W) uint8.

        Returns:
            The fused picture (N, H, W, 3) uint8 BGR and the labels (N, H, W) uint8.
        """
        block = self.fusion.config.unshuffle
        blue, green, red = (_unit(x) for x in to_blocks(visible, block).chunk(3, 1))
        y = luma((blue, green, red))
        fused = self.fusion(y, _unit(to_blocks(infrared.unsqueeze(3), block)))
        planes = torch.cat(recombine(fused, (blue, green, red), y), 1)
        picture = from_blocks(_bytes(planes), block)
        if self.segmenter is None:
            return picture, torch.zeros_like(infrared)
        if block != SEGMENTER_BLOCK:
            planes = functional.pixel_unshuffle(functional.pixel_shuffle(planes, block), SEGMENTER_BLOCK)
        scores, _ = self.segmenter(planes)
        return picture, label_map(scores)


def build(fusion: Path, segmenter: Path | None) -> FusionSegmentation:
    """The graph of trained checkpoints, ready to run.

    Raises:
        DataError: A file is missing or of another kind.
    """
    labelling = Segmenter.of(checkpoint.load(segmenter, "segmentation")) if segmenter else None
    return FusionSegmentation(FusionNet.of(checkpoint.load(fusion, "fusion")), labelling).eval()


def to_blocks(picture: Tensor, block: int) -> Tensor:
    """(N, H, W, C) to (N, C*K*K, H/K, W/K), channels in `pixel_unshuffle`'s order; cheapest while still bytes."""
    count, height, width, channels = picture.shape
    split = picture.reshape(count, height // block, block, width // block, block, channels)
    return split.permute(0, 5, 2, 4, 1, 3).reshape(
        count, channels * block * block, height // block, width // block
    )


def from_blocks(blocks: Tensor, block: int) -> Tensor:
    """The reverse of `to_blocks`."""
    count, channels, height, width = blocks.shape
    channels //= block * block
    split = blocks.reshape(count, channels, block, block, height, width)
    return split.permute(0, 4, 2, 5, 3, 1).reshape(count, height * block, width * block, channels)


def _unit(levels: Tensor) -> Tensor:
    return levels.float() * (1 / 255)


def _bytes(unit: Tensor) -> Tensor:
    return (unit * 255 + 0.5).clamp(0, 255).to(torch.uint8)
