"""SSIM: structural similarity of the fused picture to one source.

Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Transactions on Image Processing 13 (2004). Fusion papers give the sum over both
sources, and take it in ways that do not compare:

    ssim(f, s)                                        as CDDFuse and its followers publish it
    ssim(f, s, data_range=255)                        the same with constants that fit the levels
    ssim(f, s, data_range=255, window="gaussian")     as the paper defines it (VIFB, VF-Bench)
"""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from .images import Gray, checked

UNIFORM_SIZE = 7
GAUSSIAN_SIZE = 11
GAUSSIAN_SIGMA = 1.5


def ssim(
    fused: Gray,
    source: Gray,
    *,
    data_range: float = 2.0,
    window: Literal["uniform", "gaussian"] = "uniform",
) -> float:
    """Measure the mean structural similarity over every full window.

    Args:
        fused: (H, W), 0..255, at least as large as the window.
        source: (H, W), 0..255.
        data_range: the span of levels that scales the two constants. 2 is what scikit-image
            assumed of float pictures, hence the published figures for 0..255 ones: the constants
            then all but vanish, and flat regions count as much as any.
        window: "uniform" is 7x7 with the sample covariance (scikit-image), "gaussian" 11x11 of
            deviation 1.5 px with the population covariance (the paper).

    Returns:
        -1 to 1; 1 for equal pictures. Symmetric.

    Example:
        >>> flat = np.full((16, 16), 100.0)
        >>> round(ssim(flat, flat + 100), 4), round(ssim(flat, flat), 4)
        (0.8, 1.0)
    """
    size = UNIFORM_SIZE if window == "uniform" else GAUSSIAN_SIZE
    a, b = checked(fused, source, smallest=size)
    unbiased = size**2 / (size**2 - 1) if window == "uniform" else 1.0
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2

    mean_a, mean_b = _local_mean(a, window), _local_mean(b, window)
    var_a = unbiased * (_local_mean(a * a, window) - mean_a * mean_a)
    var_b = unbiased * (_local_mean(b * b, window) - mean_b * mean_b)
    covariance = unbiased * (_local_mean(a * b, window) - mean_a * mean_b)

    similarity = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    similarity /= (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    return float(np.mean(similarity))


def _local_mean(image: NDArray[np.float64], window: Literal["uniform", "gaussian"]) -> NDArray[np.float64]:
    """Average where the whole window lies inside: (H, W) to (H - size + 1, W - size + 1)."""
    if window == "uniform":
        averaged, edge = cv2.boxFilter(image, cv2.CV_64F, (UNIFORM_SIZE, UNIFORM_SIZE)), UNIFORM_SIZE // 2
    else:
        size = (GAUSSIAN_SIZE, GAUSSIAN_SIZE)
        averaged, edge = cv2.GaussianBlur(image, size, GAUSSIAN_SIGMA), GAUSSIAN_SIZE // 2
    return np.asarray(averaged[edge:-edge, edge:-edge], np.float64)
