"""Output arrays that are used again once nobody holds them, so that a live stream allocates nothing per frame."""

import sys
import threading

import numpy as np

from ..frame import Pixels

KEPT = 16
"""Arrays that are kept of the newest shapes; a consumer that holds more makes the pool allocate."""
_OWN_REFERENCES = 3
"""Of an idle array while it is looked at: the pool's list, the loop's variable, getrefcount's argument."""


class OutputPool:
    """Arrays by shape; thread-safe.

    CPython counts references: an array that only the pool refers to is idle. Views of it and messages that carry
    its memory refer to it too.
    """

    def __init__(self) -> None:
        self._arrays: list[Pixels] = []
        self._lock = threading.Lock()

    def take(self, shape: tuple[int, ...]) -> Pixels:
        """An array of this shape that nobody else holds; its content is left over."""
        with self._lock:
            for array in self._arrays:
                if array.shape == shape and sys.getrefcount(array) <= _OWN_REFERENCES:
                    return array
            fresh = np.empty(shape, np.uint8)
            self._arrays = [*self._arrays[-KEPT + 1 :], fresh]
            return fresh
