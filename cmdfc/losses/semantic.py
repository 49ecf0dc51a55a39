"""Cross-entropy over the hardest pixels (OHEM; Shrivastava et al., CVPR 2016; SeAFusion's settings)."""

import math

import torch
from torch import Tensor
from torch.nn import functional

IGNORED = 255
EASY_PROBABILITY = 0.7
KEPT_AT_LEAST = 1 / 16


def semantic_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of the pixels that are not yet easy.

    Args:
        scores: (B, C, h, w).
        labels: (B, H, W) int64 class ids; 255 is ignored. H and W are multiples of h and w.

    Returns:
        Mean over pixels whose probability of the truth is below 0.7, or the hardest sixteenth if those are fewer.
    """
    truth = coarser(labels, scores)
    losses = functional.cross_entropy(scores, truth, ignore_index=IGNORED, reduction="none").flatten()
    hard = losses[losses > -math.log(EASY_PROBABILITY)]
    least = int(losses.numel() * KEPT_AT_LEAST)
    if len(hard) < least:
        hard = torch.topk(losses, least).values
    return hard.mean()


def coarser(labels: Tensor, scores: Tensor) -> Tensor:
    """The labels in the middle of each score's pixels: classes are decided at the scores' resolution."""
    step = labels.shape[1] // scores.shape[2]
    return labels[:, step // 2 :: step, step // 2 :: step]
