"""Luma of a BGR picture, and colours put back on a fused luma without a hue shift or a clipping cast."""

import torch
from torch import Tensor

LUMA_BGR = (0.114, 0.587, 0.299)
"""ITU-R BT.601 weights of blue, green, red."""
DARKEST = 1e-3
"""Luma [0..1] below which a picture has no colour worth keeping."""


def luma(picture: Tensor) -> Tensor:
    """(..., 3) BGR to luma (...), on the same scale."""
    weights = torch.tensor(LUMA_BGR, dtype=picture.dtype, device=picture.device).unsqueeze(1)
    return (picture @ weights).squeeze(-1)


def recombine(fused: Tensor, picture: Tensor, visible_luma: Tensor) -> Tensor:
    """Give a fused luma the visible's colours.

    Where the fused picture is darker, the visible is scaled, c F / Y; where it is brighter, its complement is:
    white - (white - c) (1 - F) / (1 - Y). Both keep the hue and never leave the gamut, and the luma of the result
    is F everywhere. It is one gain and one offset per pixel: the visible is read once and never rearranged.

    Args:
        fused: Luma F in 0..1, (N, H, W).
        picture: The visible (N, H, W, 3) BGR in 0..255.
        visible_luma: Its luma Y in 0..1, (N, H, W).

    Returns:
        The fused picture (N, H, W, 3) BGR in 0..255.
    """
    darker = fused / visible_luma.clamp_min(DARKEST)
    brighter = (1 - fused) / (1 - visible_luma).clamp_min(DARKEST)
    gain = torch.minimum(darker, brighter)
    offset = 255 * (fused - gain * visible_luma)
    return picture * gain.unsqueeze(-1) + offset.unsqueeze(-1)
