"""What the fused picture adds to one source should look like the other (Aslantas and Bendes, AEU 2015)."""

from torch import Tensor


def difference_loss(fused: Tensor, luma: Tensor, infrared: Tensor) -> Tensor:
    """2 - corr(F - Y, IR) - corr(F - IR, Y), mean over the batch of (B, 1, H, W) tensors in 0..1."""
    return 2 - _correlation(fused - luma, infrared).mean() - _correlation(fused - infrared, luma).mean()


def _correlation(one: Tensor, other: Tensor) -> Tensor:
    one, other = (x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (one, other))
    scale = (one.square().sum(1) * other.square().sum(1) + 1e-6).sqrt()
    return (one * other).sum(1) / scale
