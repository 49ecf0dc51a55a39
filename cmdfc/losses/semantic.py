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
        scores: (B, C, h, w), brought to the labels' size bilinearly.
        labels: (B, H, W) int64 class ids; 255 is ignored.

    Returns:
        Mean over pixels whose probability of the truth is below 0.7, or the hardest sixteenth if those are fewer.
    """
    if scores.shape[2:] != labels.shape[1:]:
        scores = functional.interpolate(scores, size=labels.shape[1:], mode="bilinear", align_corners=False)
    losses = functional.cross_entropy(scores, labels, ignore_index=IGNORED, reduction="none").flatten()
    hard = losses[losses > -math.log(EASY_PROBABILITY)]
    least = int(losses.numel() * KEPT_AT_LEAST)
    if len(hard) < least:
        hard = torch.topk(losses, least).values
    return hard.mean()
