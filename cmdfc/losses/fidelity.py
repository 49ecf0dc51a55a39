"""Visual information fidelity as a loss: the metric of Sheikh and Bovik (2006), pixel domain, differentiable."""

from functools import lru_cache

import torch
from torch import Tensor

NOISE_VARIANCE = 2.0 / 255**2
"""Of the visual system, for images in 0..1 (2 on the 0..255 scale)."""
SIZES = (17, 9, 5, 3)
"""Side of the Gaussian window at each scale [px]; the metric's own."""
FLAT = 1.0
"""Information [nat] far below any picture's: a crop of nothing counts as kept, and nothing is divided by zero."""


def fidelity_loss(fused: Tensor, luma: Tensor, infrared: Tensor, sizes: tuple[int, ...] = SIZES) -> Tensor:
    """Minus the sum of VIF(Y, F) and VIF(IR, F), mean over the batch.

    Args:
        fused: (B, 1, H, W) in 0..1.
        luma: Likewise.
        infrared: Likewise.
        sizes: Side of the Gaussian window at each scale [px], standard deviation a fifth of it.
    """
    return -2 * _fidelity(fused, torch.cat([luma, infrared]), sizes).mean()


def infrared_fidelity_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """Minus VIF(IR, F), mean over the batch: on top of the sum, which the visible's share can carry alone."""
    return -_fidelity(fused, infrared, SIZES).mean()


def _fidelity(fused: Tensor, sources: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """VIF of (B, 1, H, W) to each of (K*B, 1, H, W) sources, (K*B,); each scale is filtered for all at once."""
    batch, count = len(fused), len(sources) // len(fused)
    gained = available = torch.zeros(len(sources), dtype=fused.dtype, device=fused.device)
    for scale, size in enumerate(sizes):
        if scale:
            stacked = _filter(torch.cat([fused, sources]), size, step=2)
            fused, sources = stacked[:batch], stacked[batch:]
        images = torch.cat(
            [fused, fused * fused, sources, sources * sources, sources * fused.repeat(count, 1, 1, 1)]
        )
        moments = _filter(images, size)
        mean_f, square_f, mean_s, square_s, product = torch.split(moments, [batch, batch, *3 * [count * batch]])
        variance_f = (square_f - mean_f**2).clamp_min(0).repeat(count, 1, 1, 1)
        variance_s = (square_s - mean_s**2).clamp_min(0)
        covariance = product - mean_s * mean_f.repeat(count, 1, 1, 1)
        # An inverted source is no fidelity to it: a negative gain counts as none, and all variance as noise.
        gain = (covariance / (variance_s + 1e-8)).clamp_min(0)
        residual = (variance_f - gain * covariance).clamp_min(0)
        gained = gained + _bits(gain**2 * variance_s / (residual + NOISE_VARIANCE))
        available = available + _bits(variance_s / NOISE_VARIANCE)
    return (gained + FLAT) / (available + FLAT)


def _bits(signal_to_noise: Tensor) -> Tensor:
    return torch.log1p(signal_to_noise).sum((1, 2, 3))


def _filter(images: Tensor, size: int, step: int = 1) -> Tensor:
    """Gaussian window without borders, every `step`-th pixel kept.

    A product with two banded matrices: on crops that is ten times faster than a convolution of one channel.
    """
    rows, columns = (_band(side, size, step).to(images) for side in images.shape[2:])
    return rows @ images @ columns.T


@lru_cache(maxsize=64)
def _band(side: int, size: int, step: int) -> Tensor:
    offsets = torch.arange(size) - (size - 1) / 2
    weights = torch.exp(-(offsets**2) / (2 * (size / 5) ** 2))
    band = torch.zeros(side - size + 1, side)
    for row in range(len(band)):
        band[row, row : row + size] = weights / weights.sum()
    return band[::step]
