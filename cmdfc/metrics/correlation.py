"""CC and SCD: how the fused picture goes with its sources.

CC: Deshmukh, Bhosale, "Image fusion and image quality assessment of fused images", International
Journal of Image Processing 4 (2010). SCD: Aslantas, Bendes, "A new image quality metric for image
fusion: the sum of the correlations of differences", AEU 69 (2015).
"""

import math

import numpy as np
from numpy.typing import NDArray

from .images import Gray, checked

CONSTANT = 1e-9
"""A spread of gray levels at or below this is a flat picture with rounding errors."""


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Measure Pearson's correlation of two arrays.

    Args:
        a: (H, W).
        b: (H, W).

    Returns:
        -1 to 1, or NaN where either is constant: it then has no correlation.

    Example:
        >>> round(correlation(np.array([[1.0, 2, 4]]), np.array([[3.0, 5, 9]])), 6)
        1.0
        >>> correlation(np.array([[1.0, 2, 4]]), np.array([[7.0, 7, 7]]))
        nan
    """
    if np.ptp(a) <= CONSTANT or np.ptp(b) <= CONSTANT:
        return math.nan
    da, db = a - a.mean(), b - b.mean()
    return float(np.sum(da * db) / np.sqrt(np.sum(da**2) * np.sum(db**2)))


def correlation_coefficient(fused: Gray, infrared: Gray, visible: Gray) -> float:
    """Measure CC, the mean of the fused picture's correlations with the two sources.

    Args:
        fused: (H, W), 0..255.
        infrared: (H, W), 0..255.
        visible: (H, W), 0..255.

    Returns:
        -1 to 1; NaN where any of the three is constant.

    Example:
        >>> a = np.array([[0, 10], [20, 40]], np.uint8)
        >>> round(correlation_coefficient(a, a, 255 - a), 6)
        0.0
    """
    fused_, infrared_, visible_ = checked(fused, infrared, visible)
    return (correlation(infrared_, fused_) + correlation(visible_, fused_)) / 2


def sum_of_correlations_of_differences(fused: Gray, infrared: Gray, visible: Gray) -> float:
    """Measure SCD: what the fused picture has beyond one source should be the other source.

    SCD = corr(F - visible, infrared) + corr(F - infrared, visible).

    Where F is one of the sources, or that plus a constant, a difference is flat, and its
    correlation is 0/0. That is NaN here, as in the published evaluations, rather than a 0 that
    would pass for a measurement.

    Args:
        fused: (H, W), 0..255.
        infrared: (H, W), 0..255.
        visible: (H, W), 0..255.

    Returns:
        -2 to 2, or NaN: see above.

    Example:
        >>> a, b = np.array([[0, 10], [20, 40]], np.uint8), np.array([[9, 0], [1, 5]], np.uint8)
        >>> round(sum_of_correlations_of_differences(a + b, a, b), 6)
        2.0
        >>> sum_of_correlations_of_differences(b, a, b)
        nan
    """
    fused_, infrared_, visible_ = checked(fused, infrared, visible)
    return correlation(fused_ - visible_, infrared_) + correlation(fused_ - infrared_, visible_)
