"""SF: how much neighbouring pixels differ.

Eskicioglu, Fisher, "Image quality measures and their performance", IEEE Transactions on
Communications 43 (1995).
"""

import numpy as np

from .images import Gray, checked


def spatial_frequency(image: Gray) -> float:
    """Measure the root of the mean squared steps along rows plus that along columns.

    Each mean is over its own number of steps. VIFB divides both by the number of pixels instead
    (slightly less), and the MATLAB toolbox works in 0..1 (255 times less).

    Args:
        image: (H, W), 0..255, at least 2x2.

    Returns:
        Spatial frequency [gray levels], 0 or more.

    Example:
        >>> spatial_frequency(np.array([[0, 3], [4, 7]], np.uint8))
        5.0
    """
    (image_,) = checked(image, smallest=2)
    rows = np.mean(np.diff(image_, axis=1) ** 2)
    columns = np.mean(np.diff(image_, axis=0) ** 2)
    return float(np.sqrt(rows + columns))
