"""SD: the contrast of a picture.

Rao, "In-fibre Bragg grating sensors", Measurement Science and Technology 8 (1997), is what fusion
papers cite; it is the plain population standard deviation.
"""

import numpy as np

from .images import Gray, checked


def standard_deviation(image: Gray) -> float:
    """Measure the population standard deviation of the gray levels.

    Args:
        image: (H, W), 0..255.

    Returns:
        Deviation [gray levels], 0 to 127.5.

    Example:
        >>> standard_deviation(np.array([[0, 255]], np.uint8))
        127.5
    """
    (image_,) = checked(image)
    return float(np.std(image_))
