"""The outputs that need no network: what a trained one has to beat.

Copying the visible picture or taking the brighter pixel scores above many published networks on the
summed metrics. Each function takes the infrared (H, W) and the visible (H, W, 3) BGR picture, both
uint8, and gives the fused (H, W, 3) BGR picture, uint8.
"""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def copy_visible(infrared: Picture, visible: Picture) -> Picture:
    """Give the visible picture, to the last bit.

    Example:
        >>> copy_visible(np.zeros((1, 1), np.uint8), np.array([[[10, 20, 30]]], np.uint8))
        array([[[10, 20, 30]]], dtype=uint8)
    """
    _check(infrared, visible)
    return visible.copy()


def copy_infrared(infrared: Picture, visible: Picture) -> Picture:
    """Give the infrared levels the visible picture's colours.

    Example:
        >>> copy_infrared(np.full((1, 1), 90, np.uint8), np.full((1, 1, 3), 200, np.uint8))
        array([[[90, 90, 90]]], dtype=uint8)
    """
    _check(infrared, visible)
    return recombine(infrared / 255, visible)


def mean(infrared: Picture, visible: Picture) -> Picture:
    """Give the mean of the infrared levels and the visible luma.

    Example:
        >>> mean(np.full((1, 1), 90, np.uint8), np.full((1, 1, 3), 200, np.uint8))
        array([[[145, 145, 145]]], dtype=uint8)
    """
    _check(infrared, visible)
    return recombine((infrared / 255 + _luma(visible / 255)) / 2, visible)


def pixel_max(infrared: Picture, visible: Picture) -> Picture:
    """Give the brighter of the infrared level and the visible luma.

    Example:
        >>> pixel_max(np.full((1, 1), 90, np.uint8), np.full((1, 1, 3), 200, np.uint8))
        array([[[200, 200, 200]]], dtype=uint8)
    """
    _check(infrared, visible)
    return recombine(np.maximum(infrared / 255, _luma(visible / 255)), visible)


TRIVIAL: MappingProxyType[str, Callable[[Picture, Picture], Picture]] = MappingProxyType(
    {
        "copy visible": copy_visible,
        "copy infrared": copy_infrared,
        "mean": mean,
        "pixel max": pixel_max,
    }
)
"""Each trivial output by the name it has in tables of results."""


def recombine(luma: NDArray[np.float64], visible: Picture) -> Picture:
    """Give a fused luma the visible picture's chroma, as SeAFusion and PIAFusion's port do.

    Y = .299 R + .587 G + .114 B, Cr = .713 (R - Y), Cb = .564 (B - Y), and their inverse; clamped
    to 0..1, then rounded to 8 bits.

    Args:
        luma: (H, W), 0..1.
        visible: (H, W, 3) uint8, BGR.

    Returns:
        (H, W, 3) uint8, BGR.
    """
    unit = visible / 255
    own = _luma(unit)
    cb, cr = 0.564 * (unit[..., 0] - own), 0.713 * (unit[..., 2] - own)
    bgr = np.stack([luma + 1.773 * cb, luma - 0.344 * cb - 0.714 * cr, luma + 1.403 * cr], axis=-1)
    return np.rint(255 * np.clip(bgr, 0, 1)).astype(np.uint8)


def _luma(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """(H, W, 3) BGR in 0..1 to (H, W) luma in 0..1."""
    return 0.114 * unit[..., 0] + 0.587 * unit[..., 1] + 0.299 * unit[..., 2]


def _check(infrared: Picture, visible: Picture) -> None:
    """Raise ValueError unless both are uint8, (H, W) and (H, W, 3) of one size."""
    if infrared.ndim != 2 or visible.shape != (*infrared.shape, 3):
        raise ValueError(
            f"expected infrared (H, W) and visible (H, W, 3), got {infrared.shape} and {visible.shape}"
        )
    if infrared.dtype != np.uint8 or visible.dtype != np.uint8:
        raise ValueError(f"expected uint8 pictures, got {infrared.dtype} and {visible.dtype}")
