"""What still things hide of moving ones: for each depth, how much of every pixel is still open."""

from bisect import bisect_left

import cv2
import numpy as np

from .sprite import Patch, Pixels


class Occlusion:
    """Still things in a view, summed up so that hiding takes one multiplication at any depth."""

    def __init__(self, width: int, height: int, still: list[tuple[float, Patch]]) -> None:
        """Sum up the still things.

        Args:
            width: Columns of the view [px].
            height: Rows of the view [px].
            still: Depth [m] and patch of each.
        """
        near_first = sorted(still, key=lambda one: one[0])
        self._depths_m = [z for z, _ in near_first]
        closed = np.zeros((height, width), np.uint8)
        self._closed: list[Pixels] = [closed]
        for _, patch in near_first:
            closed = closed.copy()
            part = closed[patch.slices]
            alpha = np.ascontiguousarray(patch.pixels[:, :, -1])
            part[:] = cv2.add(part, cv2.multiply(cv2.bitwise_not(part), alpha, scale=1 / 255))
            self._closed.append(closed)

    def hide(self, patch: Patch, depth_m: float) -> None:
        """Take out of a patch at a depth [m], in place, what stands before it."""
        closed = self._closed[bisect_left(self._depths_m, depth_m)][patch.slices]
        if cv2.countNonZero(closed):
            keep = cv2.bitwise_not(closed)
            if patch.pixels.ndim == 3:
                keep = cv2.merge([keep] * patch.pixels.shape[2])
            cv2.multiply(patch.pixels, keep, dst=patch.pixels, scale=1 / 255)
