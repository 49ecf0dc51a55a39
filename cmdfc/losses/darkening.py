"""How much darker the fused luma is than the visible's: against black rims and patches beside what is warm.

An infrared edge is kept best by following the infrared on both sides of it, which draws the black of a cold sky
around a warm roof. Sums of both fidelities gain by that; who looks at a lit sky does not.
"""

from torch import Tensor

UNSEEN = 0.05
"""What may be missing: noise, and what hardly shows; less would cost fidelity where no rim is seen."""
UNSEEN_SHARE = 0.35
"""At most that much of the light: what is missing shows the more the darker the place, as on a dimly lit road."""


def darkening_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """Mean of what F lacks of Y beyond the unseen, of (B, 1, H, W) tensors in 0..1; the infrared has no say."""
    del infrared
    unseen = (UNSEEN_SHARE * luma).clamp(max=UNSEEN)
    return (luma - unseen - fused).clamp(min=0).mean()
