"""VIF: how much of the information in a source is still there in the fused picture.

Sheikh, Bovik, "Image information and visual quality", IEEE Transactions on Image Processing 15
(2006), in the pixel-domain form (vifp) that its authors published beside it. Fusion papers give
the sum over both sources. It is not VIFF (Han et al., 2013), whose name some toolboxes use for it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from .images import Gray, checked

SIZES = (17, 9, 5, 3)
"""Window of each scale [px], finest first; the deviation of its Gaussian is a fifth of it."""

NOISE = 2.0
"""Variance of the visual system's noise [gray levels squared]."""

TINY = 1e-10
"""Variances below this are rounding errors."""

SMALLEST = 41
"""The fewest rows and columns [px] that leave a full window at the coarsest scale."""


def visual_information_fidelity(fused: Gray, source: Gray) -> float:
    """Measure the fidelity of the fused picture to one source, over four scales.

    Args:
        fused: (H, W), 0..255, at least 41x41.
        source: (H, W), 0..255: the reference. The measure is not symmetric.

    Returns:
        0 or more; 1 for the source itself; above 1 for the source with its contrast raised. 1 too
        for a flat source, which has no information to lose.

    Example:
        >>> ramp = np.tile(np.arange(48, dtype=np.uint8), (48, 1))
        >>> round(visual_information_fidelity(ramp, ramp), 6)
        1.0
        >>> visual_information_fidelity(2 * ramp, ramp) > 1 > visual_information_fidelity(ramp // 2, ramp)
        True
    """
    dist, ref = checked(fused, source, smallest=SMALLEST)
    kept = held = 0.0
    for scale, size in enumerate(SIZES):
        window = _gaussian(size)
        if scale:
            ref = np.ascontiguousarray(_filtered(ref, window)[::2, ::2])
            dist = np.ascontiguousarray(_filtered(dist, window)[::2, ::2])
        at_scale = _information(dist, ref, window)
        kept += at_scale[0]
        held += at_scale[1]
    return kept / held if held > 0 else 1.0


def _information(
    dist: NDArray[np.float64], ref: NDArray[np.float64], window: NDArray[np.float64]
) -> tuple[float, float]:
    """Sum the information of one scale: what `dist` keeps of `ref`, and what `ref` holds.

    The model is dist = gain * ref + noise around each pixel.
    """
    mean_ref, mean_dist = _filtered(ref, window), _filtered(dist, window)
    var_ref = np.maximum(_filtered(ref * ref, window) - mean_ref * mean_ref, 0)
    var_dist = np.maximum(_filtered(dist * dist, window) - mean_dist * mean_dist, 0)
    covariance = _filtered(ref * dist, window) - mean_ref * mean_dist

    gain = covariance / (var_ref + TINY)
    var_noise = var_dist - gain * covariance

    flat_ref = var_ref < TINY
    gain[flat_ref] = 0
    var_noise[flat_ref] = var_dist[flat_ref]
    var_ref[flat_ref] = 0
    flat_dist = var_dist < TINY
    gain[flat_dist] = 0
    var_noise[flat_dist] = 0
    inverted = gain < 0  # a negative of the source is no fidelity to it: all noise
    var_noise[inverted] = var_dist[inverted]
    gain[inverted] = 0
    np.maximum(var_noise, TINY, out=var_noise)

    kept = np.sum(np.log10(1 + gain * gain * var_ref / (var_noise + NOISE)))
    held = np.sum(np.log10(1 + var_ref / NOISE))
    return float(kept), float(held)


def _gaussian(size: int) -> NDArray[np.float64]:
    """(size,) Gaussian of sum 1; the square window is its outer product with itself."""
    offsets = np.arange(size) - size // 2
    weights = np.exp(-(offsets**2) / (2 * (size / 5) ** 2))
    return np.asarray(weights / weights.sum())


def _filtered(image: NDArray[np.float64], window: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filter where the whole window lies inside: (H, W) to (H - size + 1, W - size + 1)."""
    inside = slice(len(window) // 2, -(len(window) // 2))
    return np.asarray(cv2.sepFilter2D(image, cv2.CV_64F, window, window)[inside, inside], np.float64)
