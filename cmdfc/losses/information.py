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

    The levels of a whole batch are counted together: a crop has fewer pixels than there are pairs of levels,
    and any noise would look like information. Hidden marks are left out, whose level should be neither source's.

    Args:
        fused: (B, 1, H, W) in 0..1.
        luma: Likewise.
        infrared: Likewise.
    """
    told = hidden_marks(luma, torch.maximum(luma, infrared)) == 0
    level = fused[told] * (LEVELS - 1)
    lower = level.detach().floor().clamp(0, LEVELS - 2)
    upper_share = level - lower
    return -torch.stack(
        [_information(lower.long(), upper_share, source[told]) for source in (luma, infrared)]
    ).sum()


def _information(lower: Tensor, upper_share: Tensor, source: Tensor) -> Tensor:
    source_level = (source * (LEVELS - 1)).round().long()
    cell = lower * LEVELS + source_level
    joint = torch.zeros(LEVELS * LEVELS, dtype=upper_share.dtype, device=upper_share.device)
    joint = joint.index_add(0, cell, 1 - upper_share).index_add(0, cell + LEVELS, upper_share)
    joint = joint.view(LEVELS, LEVELS) / upper_share.numel()
    independent = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)
    return (joint * ((joint + TINY).log() - (independent + TINY).log())).sum()
