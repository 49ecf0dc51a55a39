"""Finds out a camera that gives the same picture again and again."""

import numpy as np

from irvis.clock import NS_PER_MS
from irvis.frame import Counts, Modality, Pixels

PATIENCE_MS = {Modality.INFRARED: 0.0, Modality.VISIBLE: 2000.0}
"""How long a picture may stay the same to the bit: a thermal sensor's never does, as its noise never repeats; what
the decoder of a still visible stream gives may."""
ROW_STEP = 32
"""One row in so many is compared first."""


class RepeatWatch:
    """Tells frames that repeat the one before.

    A thermal camera that sends each of its 9 pictures a second three times, one that is frozen, and one whose
    shutter is closed all do: what they repeat is old, whatever its stamp says.

    Args:
        modality: Which camera.
        patience_ms: How long a picture may stay the same [ms]; the modality's usual without.
    """

    def __init__(self, modality: Modality, patience_ms: float | None = None) -> None:
        self._patience_ns = round((PATIENCE_MS[modality] if patience_ms is None else patience_ms) * NS_PER_MS)
        self._last: Pixels | Counts | None = None
        self._since_ns = 0

    def is_repeated(self, pixels: Pixels | Counts, stamp_ns: int) -> bool:
        """Whether this frame repeats the one before, for longer than it may.

        Args:
            pixels: As the camera gave them: what counts are mapped to follows the scene. Kept until the next.
            stamp_ns: When it is from [ns, any clock].
        """
        if self._last is None or not _are_equal(self._last, pixels):
            self._last, self._since_ns = pixels, stamp_ns
            return False
        return stamp_ns - self._since_ns > self._patience_ns


def _are_equal(one: Pixels | Counts, other: Pixels | Counts) -> bool:
    # Noise tells nearly all pictures apart in a few rows.
    return np.array_equal(one[::ROW_STEP], other[::ROW_STEP]) and np.array_equal(one, other)
