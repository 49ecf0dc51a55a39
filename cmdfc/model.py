"""The one uint8 graph: pictures in, fused picture and labels out, everything between inside it."""

from pathlib import Path

import torch
from torch import Tensor, nn

from . import checkpoint
from .colour import luma, recombine
from .fusion import FusionNet
from .segmentation import Segmenter, label_map


class FusionSegmentation(nn.Module):
    """Fusion and segmentation as artifacts carry them.

    Colours stay in the order of the camera's bytes throughout: on a processor, rearranging a picture costs as much
    as a layer.

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
        return max(self.fusion.config.size_multiple, self.segmenter.size_multiple if self.segmenter else 1)

    def forward(self, visible: Tensor, infrared: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse and segment.

        Args:
            visible: (N, H, W, 3) uint8 BGR; H and W are multiples of `size_multiple`.
            infrared: (N, H, W) uint8.

        Returns:
            The fused picture (N, H, W, 3) uint8 BGR and the labels (N, H, W) uint8.
        """
        levels = self.levels(visible, infrared)
        picture = (levels + 0.5).clamp(0, 255).to(torch.uint8)
        if self.segmenter is None:
            return picture, torch.zeros_like(infrared)
        scores, _ = self.segmenter(levels.permute(0, 3, 1, 2))
        return picture, label_map(scores)

    def levels(self, visible: Tensor, infrared: Tensor) -> Tensor:
        """The fused picture as the segmenter gets it, before it is rounded: (N, H, W, 3) BGR in 0..255.

        Both lumas are whole levels, as in training and as cameras give them: a level of a source then stays one
        level of the fused picture, which is what its mutual information is made of.
        """
        colours = visible.float()
        y = luma(colours) / 255
        # Spelled so, or OpenVINO takes the rounding into the luma's product, in a kernel six times as slow.
        level = y + (_rounded(y) - y)
        fused = self.fusion.fuse(level.unsqueeze(1), infrared.unsqueeze(1).float() / 255).squeeze(1)
        return recombine(_rounded(fused), colours, level)


def _rounded(luma: Tensor) -> Tensor:
    """To whole levels of 255; luma in 0..1."""
    return (255 * luma).round() / 255


def build(fusion: Path, segmenter: Path | None) -> FusionSegmentation:
    """The graph of trained checkpoints, ready to run.

    Args:
        fusion: Checkpoint of the fusion network, or of both.
        segmenter: Checkpoint of the segmenter; without one the first file's, if it holds both.

    Raises:
        DataError: A file is missing or of another kind.
    """
    if segmenter is None and checkpoint.load(fusion)["kind"] == "joint":
        segmenter = fusion
    labelling = Segmenter.of(checkpoint.load(segmenter, "segmentation")) if segmenter else None
    return FusionSegmentation(FusionNet.of(checkpoint.load(fusion, "fusion")), labelling).eval()
