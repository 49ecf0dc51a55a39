"""The segmenter: what each pixel of the fused picture is.

A light BiSeNet (Yu et al., ECCV 2018) without its spatial path, as SeAFusion's: attention refines the deep
features, which are then led up to a quarter of the picture's resolution past the shallow ones. The backbone is
EfficientNet-Lite0 on the picture at half resolution.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .backbone import EfficientNetLite0
from .checkpoint import Checkpoint, rebuilt

CLASSES = ("unlabelled", "car", "person", "bike", "curve", "car_stop", "guardrail", "color_cone", "bump")
"""MSRS's, by label id."""


@dataclass(frozen=True)
class SegmenterConfig:
    """Widths of a segmenter; stored in its checkpoints.

    Attributes:
        taps: Backbone blocks that are used, shallow to deep, each at half the resolution of the one before.
        width: Channels on the way up.
        fine_width: Channels at the finest level.
    """

    taps: tuple[int, ...] = (0, 2, 4, 10)
    width: int = 48
    fine_width: int = 16


def _conv(in_channels: int, out_channels: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class AttentionRefinement(nn.Module):
    """Features times one gain per channel from their mean over the picture."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.reduce = _conv(in_channels, out_channels, 1)
        self.gain = nn.Conv2d(out_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C', H, W)."""
        x = self.reduce(x)
        refined: Tensor = x * torch.sigmoid(self.gain(x.mean((2, 3), keepdim=True)))
        return refined


class Segmenter(nn.Module):
    """Fused picture in, class scores at a quarter of its resolution out."""

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = EfficientNetLite0(config.taps)
        *shallow, deepest = self.backbone.channels
        widths = (config.fine_width, *(config.width for _ in shallow[1:]))
        self.context = AttentionRefinement(deepest, config.width)
        self.laterals = nn.ModuleList(_conv(c, w, 1) for c, w in zip(shallow, widths, strict=True))
        # Each level is narrowed before it is enlarged: the wide convolutions stay where the picture is small.
        self.merges = nn.ModuleList(_conv(config.width, w, 3) for w in widths)
        self.smooth = _conv(config.fine_width, config.fine_width, 3)
        self.head = nn.Conv2d(config.fine_width, len(CLASSES), 1)
        self.auxiliary = nn.Conv2d(config.width, len(CLASSES), 1)

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "Segmenter":
        """As `checkpoint.rebuilt`."""
        return rebuilt(cls, SegmenterConfig, checkpoint)

    @property
    def size_multiple(self) -> int:
        """Widths and heights of pictures must be a multiple of this [px]."""
        return 2 * self.backbone.stride

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Scores.

        Args:
            picture: (B, 3, H, W) BGR in 0..255; H and W are multiples of `size_multiple`.

        Returns:
            (B, 9, H/4, W/4) scores, and auxiliary ones (B, 9, H/8, W/8) for training.
        """
        *shallow, deepest = self.backbone(picture)
        x = self.context(deepest)
        coarse = x
        for lateral, merge, features in reversed(list(zip(self.laterals, self.merges, shallow, strict=True))):
            coarse = x
            x = functional.interpolate(merge(x), scale_factor=2.0, mode="nearest") + lateral(features)
        return self.head(self.smooth(x)), self.auxiliary(coarse)


def label_map(scores: Tensor) -> Tensor:
    """The likeliest class of each pixel.

    Decided at a quarter of the resolution and enlarged twice by `scale2x`: as good on MSRS as deciding between
    enlarged scores, with smoother outlines, in a third of the time. The argmax is spelled as comparisons: runtimes
    make short work of those.

    Args:
        scores: (B, C, h, w).

    Returns:
        (B, 4h, 4w) uint8 class ids; of equal scores the higher id.
    """
    ids = torch.arange(scores.shape[1], dtype=scores.dtype, device=scores.device).view(1, -1, 1, 1)
    best = (ids * (scores >= scores.amax(1, keepdim=True))).amax(1)
    return scale2x(scale2x(best)).to(torch.uint8)


def scale2x(labels: Tensor) -> Tensor:
    """Enlarge a label map to double its size with smooth outlines and no new labels.

    Of the four pixels that a label becomes, a corner takes the label of the two neighbours that meet there, if
    those agree and no others do (Mazzoleni's Scale2x, the same as EPX).

    Args:
        labels: (B, h, w) float; beyond the border lies label 0.

    Returns:
        (B, 2h, 2w).
    """
    padded = functional.pad(labels, (1, 1, 1, 1))
    up, down = padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]
    left, right = padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]
    corners = [
        torch.where((left == up) & (left != down) & (up != right), left, labels),
        torch.where((up == right) & (up != left) & (right != down), right, labels),
        torch.where((left == down) & (left != up) & (down != right), left, labels),
        torch.where((down == right) & (down != left) & (right != up), right, labels),
    ]
    return functional.pixel_shuffle(torch.stack(corners, 1), 2).squeeze(1)
