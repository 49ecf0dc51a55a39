"""Bright marks that the light alone shows: lines, letters and lamps on ground whose heat outshines them."""

from torch import Tensor
from torch.nn.functional import max_pool2d

MARK_PX = 25
"""What is narrower than this, one way, and brighter than its surroundings is a mark: lines, letters, lamps."""
FAINT, PLAIN = 0.03, 0.1
"""A mark's contrast at which it begins to count, and from which it counts whole: noise does not."""


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
