"""How far the fused gradient is from the stronger source's, with its sign."""

import torch
from torch import Tensor


def sobel(image: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 1, H, W) to its horizontal and vertical Sobel derivatives (B, 1, H-2, W-2), the border left out."""
    across = image[..., 2:] - image[..., :-2]
    down = image[..., 2:, :] - image[..., :-2, :]
    horizontal = across[..., :-2, :] + 2 * across[..., 1:-1, :] + across[..., 2:, :]
    vertical = down[..., :-2] + 2 * down[..., 1:-1] + down[..., 2:]
    return horizontal, vertical


def gradient_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """Mean |grad F - grad S| where S is, pixel by pixel, the source with the larger |gx| + |gy|.

    The published max of absolute gradients is blind to sign and doubles edges of opposite polarity; this is not.
    (B, 1, H, W) tensors in 0..1.
    """
    (luma_x, luma_y), (infrared_x, infrared_y), (x, y) = map(sobel, (luma, infrared, fused))
    stronger = infrared_x.abs() + infrared_y.abs() > luma_x.abs() + luma_y.abs()
    error_x = (x - torch.where(stronger, infrared_x, luma_x)).abs()
    error_y = (y - torch.where(stronger, infrared_y, luma_y)).abs()
    return (error_x.mean() + error_y.mean()) / 2
