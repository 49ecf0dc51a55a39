"""How far the fused luma is from the brighter source, on which bright marks of the visible stay bright.

The usual target is the brighter source, pixel by pixel (SeAFusion, Tang et al., Information Fusion 2022). On warm
ground it hides what the light alone shows: a white crossing on a dark road is darker than the road's heat.
"""

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

MARK_PX = 25
"""What is narrower than this, one way, and brighter than its surroundings is a mark: lines, letters, lamps."""
FAINT, PLAIN = 0.03, 0.1
"""A mark's contrast at which it begins to count, and from which it counts whole: noise does not."""
GAIN = 1.5
"""Of a hidden mark's contrast: on bright ground the eye sees less of it."""
EMPHASIS = 6.0
"""How much more the pixels of a plain hidden mark count: they are few, and every other term is against them."""


def intensity_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """Mean |F - max(Y, IR) - hidden marks|, these weighed more, of (B, 1, H, W) tensors in 0..1."""
    brighter = torch.maximum(luma, infrared)
    missing = hidden_marks(luma, brighter)
    error = (fused - (brighter + GAIN * missing).clamp(max=1)).abs()
    return (error * (1 + EMPHASIS * (missing / PLAIN).clamp(max=1))).mean()


def hidden_marks(luma: Tensor, brighter: Tensor) -> Tensor:
    """How much of the contrast of the visible's bright marks the brighter source lacks.

    Args:
        luma: (B, 1, H, W) in 0..1.
        brighter: Likewise.

    Returns:
        (B, 1, H, W), 0 or more.
    """
    contrast = _above_surroundings(luma)
    counted = ((contrast - FAINT) / (PLAIN - FAINT)).clamp(0, 1)
    return (counted * contrast - _above_surroundings(brighter)).clamp(min=0)


def _above_surroundings(image: Tensor) -> Tensor:
    """The white top-hat transform: a picture less its morphological opening, with a square."""
    return image - _widest(-_widest(-image))


def _widest(image: Tensor) -> Tensor:
    """The maximum over a square around each pixel: over rows, then over columns."""
    rows = max_pool2d(image, (MARK_PX, 1), 1, (MARK_PX // 2, 0))
    return max_pool2d(rows, (1, MARK_PX), 1, (0, MARK_PX // 2))
