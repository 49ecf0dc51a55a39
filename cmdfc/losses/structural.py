"""Structural similarity to both sources as a loss (Wang et al., IEEE TIP 2004)."""

import torch
from torch import Tensor
from torch.nn import functional

WINDOW_PX = 7
STABILISER = (0.001**2, 0.003**2)
"""A hundredth of the paper's: flat regions count nearly as any, as in published figures (metrics/ssim.py)."""


def structural_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """2 - SSIM(Y, F) - SSIM(IR, F), uniform 7 x 7 window, of (B, 1, H, W) tensors in 0..1."""
    batch = len(fused)
    fused2, sources = torch.cat([fused, fused]), torch.cat([luma, infrared])
    images = torch.cat([fused, fused * fused, sources, sources * sources, sources * fused2])
    moments = functional.avg_pool2d(images, WINDOW_PX, 1)
    mean_f, square_f, mean_s, square_s, product = torch.split(
        moments, [batch, batch, 2 * batch, 2 * batch, 2 * batch]
    )
    mean_f, square_f = mean_f.repeat(2, 1, 1, 1), square_f.repeat(2, 1, 1, 1)
    covariance = product - mean_f * mean_s
    variances = square_f - mean_f**2 + square_s - mean_s**2
    c1, c2 = STABILISER
    similarity = (
        (2 * mean_f * mean_s + c1) / (mean_f**2 + mean_s**2 + c1) * (2 * covariance + c2) / (variances + c2)
    )
    loss: Tensor = 2 - 2 * similarity.mean()
    return loss
