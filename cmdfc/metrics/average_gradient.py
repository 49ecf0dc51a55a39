"""AG: how strong the gradients of a picture are.

Cui, Feng, Xu, Li, Chen, "Detail preserved fusion of visible and infrared images using regional
saliency extraction and multi-scale image decomposition", Optics Communications 341 (2015).
"""

import numpy as np

from .images import Gray, checked


def average_gradient(image: Gray) -> float:
    """Measure the mean over all pixels of sqrt((gx^2 + gy^2) / 2).

    The gradients are central differences, one-sided at the borders.

    Args:
        image: (H, W), 0..255, at least 2x2.

    Returns:
        Average gradient [gray levels per pixel], 0 or more.

    Example:
        >>> average_gradient(np.array([[0, 4], [4, 8]], np.uint8))
        4.0
    """
    (image_,) = checked(image, smallest=2)
    gy, gx = np.gradient(image_)
    return float(np.mean(np.sqrt((gx**2 + gy**2) / 2)))
