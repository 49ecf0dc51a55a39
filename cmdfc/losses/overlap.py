"""The mean intersection over union itself as a loss: Lovász-Softmax (Berman et al., CVPR 2018)."""

import torch
from torch import Tensor

from .semantic import IGNORED, coarser


def overlap_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """One minus a convex surrogate of the IoU, mean over the classes that are present.

    Small things count as much as large ones.

    Args:
        scores: (B, C, h, w).
        labels: (B, H, W) int64 class ids; 255 is ignored. H and W are multiples of h and w.
    """
    truth = coarser(labels, scores).flatten()
    probabilities = torch.softmax(scores, 1).movedim(1, 0).flatten(1)[:, truth != IGNORED]
    truth = truth[truth != IGNORED]
    losses = [_of_class(probability, truth == label) for label, probability in enumerate(probabilities)]
    present = [loss for loss in losses if loss is not None]
    return torch.stack(present).mean() if present else 0 * scores.sum()


def _of_class(probability: Tensor, is_class: Tensor) -> Tensor | None:
    if not is_class.any():
        return None
    foreground = is_class.to(probability.dtype)
    errors, order = torch.sort((foreground - probability).abs(), descending=True)
    return torch.dot(errors, _lovasz_gradient(foreground[order]))


def _lovasz_gradient(sorted_truth: Tensor) -> Tensor:
    """How much of the IoU each error costs, the largest error first."""
    total = sorted_truth.sum()
    intersection = total - sorted_truth.cumsum(0)
    union = total + (1 - sorted_truth).cumsum(0)
    jaccard = 1 - intersection / union
    return torch.diff(jaccard, prepend=jaccard.new_zeros(1))
