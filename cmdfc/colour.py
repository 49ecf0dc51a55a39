"""Luma of a BGR picture, and colours put back on a fused luma without a hue shift or a clipping cast.

Planes may be whole pictures (B, 1, H, W) or pixel blocks (B, K*K, H/K, W/K): everything is per pixel.
"""

import torch
from torch import Tensor

Planes = tuple[Tensor, Tensor, Tensor]
"""Blue, green and red, of one shape, in 0..1."""

LUMA_BGR = (0.114, 0.587, 0.299)
"""ITU-R BT.601 weights of blue, green, red."""


def luma(planes: Planes) -> Tensor:
    """Luma in 0..1, of the planes' shape."""
    blue, green, red = planes
    return LUMA_BGR[0] * blue + LUMA_BGR[1] * green + LUMA_BGR[2] * red


def recombine(fused: Tensor, planes: Planes, visible_luma: Tensor) -> Planes:
    """Give a fused luma the visible's colour differences, as far as they fit.

    The colour vector bgr - Y is kept where it fits into the gamut around F and is shortened, never bent, where it
    does not: hue is kept, and the luma of the result is F everywhere.

    Args:
        fused: Luma F in 0..1.
        planes: The visible picture.
        visible_luma: Its luma Y.

    Returns:
        The fused picture's planes.
    """
    blue, green, red = (plane - visible_luma for plane in planes)
    highest = torch.maximum(torch.maximum(blue, green), red).clamp_min(1e-3)
    lowest = (-torch.minimum(torch.minimum(blue, green), red)).clamp_min(1e-3)
    share = torch.minimum((1 - fused) / highest, fused / lowest).clamp_max(1)
    return fused + share * blue, fused + share * green, fused + share * red
