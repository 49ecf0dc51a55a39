"""MI: how much of a source's gray levels can be told from the fused ones.

Qu, Zhang, Yan, "Information measure for performance of image fusion", Electronics Letters 38
(2002): the sum over both sources.
"""

import numpy as np

from .images import Gray, checked, levels


def mutual_information(fused: Gray, source: Gray) -> float:
    """Measure the mutual information of two pictures' gray levels, in 256 x 256 joint bins.

    Toolboxes that give bits give 1/0.693147 of this.

    Args:
        fused: (H, W), 0..255; fractions are rounded.
        source: (H, W), 0..255, likewise.

    Returns:
        Mutual information [nat], 0 (independent) to the entropy of either. Symmetric.

    Example:
        >>> checkers = np.array([[0, 255], [255, 0]], np.uint8)
        >>> round(mutual_information(checkers, checkers), 6)  # ln 2
        0.693147
    """
    fused_, source_ = checked(fused, source)
    pairs = np.bincount(levels(fused_) * 256 + levels(source_), minlength=256 * 256)
    joint = pairs.reshape(256, 256) / fused_.size
    independent = joint.sum(axis=1)[:, None] * joint.sum(axis=0)[None, :]
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log(joint[seen] / independent[seen])))
