"""EN: how much a picture holds, whatever it shows.

Roberts, van Aardt, Ahmed, "Assessment of image fusion procedures using entropy, image quality,
and multispectral classification", Journal of Applied Remote Sensing 2 (2008).
"""

import numpy as np

from .images import Gray, checked, levels


def entropy(image: Gray) -> float:
    """Measure the Shannon entropy of the gray levels, in 256 bins.

    Noise raises it as readily as detail does.

    Args:
        image: (H, W), 0..255; fractions are rounded.

    Returns:
        Entropy [bit], 0 (one level) to 8 (all levels alike).

    Example:
        >>> entropy(np.array([[0, 0], [255, 255]], np.uint8))
        1.0
    """
    (image_,) = checked(image)
    counts = np.bincount(levels(image_), minlength=256)
    p = counts[counts > 0] / image_.size
    return float(np.sum(p * np.log2(1 / p)))
