"""Mutual information of gray levels as a loss: a fused level should tell which level a source had there.

Qu, Zhang, Yan, "Information measure for performance of image fusion", Electronics Letters 38 (2002), made
differentiable by sharing each fused pixel between its two nearest levels.
"""

import torch
from torch import Tensor

from .marks import hidden_marks

LEVELS = 256
"""Of an 8-bit picture."""
TINY = 1e-12
"""Added to probabilities before their logarithm."""


def information_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """Minus MI(F, Y) + MI(F, IR) [nat].

    A picture is counted by itself where it has as many pixels as there are pairs of levels. Smaller crops are
    counted together, the whole batch: in few pixels any noise would look like information. Hidden marks are left
    out, whose level should be neither source's.

    Args:
        fused: (B, 1, H, W) in 0..1.
        luma: Likewise.
        infrared: Likewise.
    """
    told = hidden_marks(luma, torch.maximum(luma, infrared)) == 0
    together = 1 if fused[0].numel() >= LEVELS**2 else len(fused)
    groups = [slice(first, first + together) for first in range(0, len(fused), together)]
    return -torch.stack(
        [_of_sources(*(images[group][told[group]] for images in (fused, luma, infrared))) for group in groups]
    ).mean()


def _of_sources(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    level = fused * (LEVELS - 1)
    lower = level.detach().floor().clamp(0, LEVELS - 2)
    return sum(
        (_information(lower.long(), level - lower, source) for source in (luma, infrared)), fused.new_zeros(())
    )


def _information(lower: Tensor, upper_share: Tensor, source: Tensor) -> Tensor:
    source_level = (source * (LEVELS - 1)).round().long()
    cell = lower * LEVELS + source_level
    joint = torch.zeros(LEVELS * LEVELS, dtype=upper_share.dtype, device=upper_share.device)
    joint = joint.index_add(0, cell, 1 - upper_share).index_add(0, cell + LEVELS, upper_share)
    joint = joint.view(LEVELS, LEVELS) / upper_share.numel()
    independent = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)
    return (joint * ((joint + TINY).log() - (independent + TINY).log())).sum()
