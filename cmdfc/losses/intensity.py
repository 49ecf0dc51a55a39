"""How far the fused luma is from the brighter source."""

import torch
from torch import Tensor


def intensity_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """Mean |F - max(Y, IR)|, of (B, 1, H, W) tensors in 0..1 (SeAFusion, Tang et al., Information Fusion 2022)."""
    return (fused - torch.maximum(luma, infrared)).abs().mean()
