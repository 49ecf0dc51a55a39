"""How far the fused luma is from the brighter source, on which bright marks of the visible stay bright.

The usual target is the brighter source, pixel by pixel (SeAFusion, Tang et al., Information Fusion 2022). On warm
ground it hides what the light alone shows: a white crossing on a dark road is darker than the road's heat.
"""

import torch
from torch import Tensor

from .marks import PLAIN, hidden_marks

GAIN = 1.5
"""Of a hidden mark's contrast: on bright ground the eye sees less of it."""
EMPHASIS = 6.0
"""How much more the pixels of a plain hidden mark count: they are few, and every other term is against them."""


def intensity_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """Mean |F - max(Y, IR) - hidden marks|, these weighed more, of (B, 1, H, W) tensors in 0..1."""
    brighter = torch.maximum(luma, infrared)
    missing = hidden_marks(luma, brighter)
    error = (fused - (brighter + GAIN * missing).clamp(max=1)).abs()
    return (error * (1 + EMPHASIS * (missing / PLAIN).clamp(max=1))).mean()
