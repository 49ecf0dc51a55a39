"""Registration to a fraction of a pixel: inverse-compositional Gauss-Newton (Baker and Matthews 2004), robust."""

import math
from copy import copy
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import Matrix
from .model import Model, centred, corner_distance_px, motions, velocities
from .structure import SPARSE, Field, middle, slopes

MOST_POINTS = 20_000
"""In one row: OpenCV's remap takes less than 32,767."""
BORDER_PX = 3
LEAST_POINTS = 10
"""For each degree of freedom."""
DONE_PX = 0.02
LEAST_GAIN = 0.15
"""Steps are not made larger for less in common than this."""
TILES = 8
"""Tiles across the picture, whose checkerboard makes the two halves."""

Weight: TypeAlias = NDArray[np.float32]
"""(P,) of points."""


@dataclass(frozen=True)
class Fit:
    """Where one field lies on the other.

    Attributes:
        ir_from_vis: (3, 3) homography.
        correlation: Of the fields where they overlap, -1 to 1.
    """

    ir_from_vis: Matrix
    correlation: float


class Template:
    """The visible picture's structure, made ready to be found in infrared ones.

    Args:
        visible: Its structure.
        model: What may move.
        most: Points to look at, `MOST_POINTS` or fewer.
    """

    def __init__(self, visible: Field, model: Model, most: int = MOST_POINTS) -> None:
        self._size = visible.shape[1], visible.shape[0]
        planes = cv2.split(visible)
        both = [slopes(np.asarray(plane, np.float32)) for plane in planes]
        telling = np.zeros(visible.shape[:2], np.float32)
        for slope in (slope for pair in both for slope in pair):
            cv2.accumulateSquare(slope, telling)
        telling[:BORDER_PX], telling[-BORDER_PX:] = 0, 0
        telling[:, :BORDER_PX], telling[:, -BORDER_PX:] = 0, 0
        chosen = _choose(telling, most)
        rows, columns = np.divmod(chosen, self._size[0])
        tile = max(self._size[0] // TILES, 1)
        is_odd = (columns // tile + rows // tile) % 2 == 1
        chosen, rows, columns = (np.concatenate([each[is_odd], each[~is_odd]]) for each in (chosen, rows, columns))
        self._odd = np.count_nonzero(is_odd)
        self._points = np.stack([columns, rows, np.ones_like(rows)]).astype(np.float32)
        self._there = visible.reshape(-1, 2)[chosen]
        self._centre = centred(self._size)
        self._motions = motions(model)
        moved = velocities(model, (self._centre @ self._points)[:2].T) / self._centre[0, 0]
        right, down = moved.astype(np.float32).transpose(2, 0, 1)
        self._jacobian = np.stack([right * x.take(chosen) + down * y.take(chosen) for x, y in both], axis=-1)

    def halves(self) -> tuple["Template", "Template"]:
        """Two templates, each of every other tile of a checkerboard, to see how far they disagree."""
        return self._only(slice(self._odd)), self._only(slice(self._odd, None))

    def _only(self, chosen: slice) -> "Template":
        part = copy(self)
        part._points, part._there = self._points[:, chosen], self._there[chosen]
        part._jacobian = self._jacobian[:, chosen]
        return part

    def fit(self, infrared: Field, ir_from_vis: Matrix, iterations: int = 30) -> Fit:
        """Follow the structure from where it is supposed to be.

        Args:
            infrared: The infrared picture's structure.
            ir_from_vis: (3, 3) to begin with.
            iterations: At most.
        """
        needed = LEAST_POINTS * len(self._motions)
        if self._points.shape[1] < needed:
            return Fit(ir_from_vis, -1.0)
        gain: float | None = None
        from_centred = np.linalg.inv(self._centre)
        for _ in range(iterations):
            there, sees = self._look(infrared, ir_from_vis)
            if np.count_nonzero(sees) < needed:
                return Fit(ir_from_vis, -1.0)
            gain, change = self._step(there, sees, gain)
            moved = ir_from_vis @ from_centred @ np.linalg.inv(change) @ self._centre
            moved /= moved[2, 2]
            step_px = corner_distance_px(moved, ir_from_vis, self._size)
            if not np.isfinite(step_px) or step_px > self._size[0]:
                return Fit(ir_from_vis, -1.0)
            ir_from_vis = moved
            if step_px < DONE_PX:
                break
        return Fit(ir_from_vis, _correlation(self._there, there, sees))

    def _step(self, there: Field, sees: Weight, gain: float | None) -> tuple[float, Matrix]:
        """The gain, and the (3, 3) change of the visible in centred coordinates that suits the infrared.

        Only a part of the visible's structure, the gain, is in the infrared: compared as if all were, the pictures
        would be drawn to where the infrared has little of its own.
        """
        gain = _gain(self._there, there, np.repeat(sees, 2)) if gain is None else gain
        apart = there - gain * self._there
        square = apart[:, 0] ** 2 + apart[:, 1] ** 2
        weight = np.repeat(sees / (1 + square / (middle(square[sees > 0][:: SPARSE**2]) + 1e-6)), 2)
        gain = _gain(self._there, there, weight)
        freedom = len(self._motions)
        jacobian = self._jacobian.reshape(freedom, -1)
        normal = ((jacobian * weight) @ jacobian.T).astype(np.float64)
        normal += np.eye(freedom) * (1e-4 * np.trace(normal) / freedom + 1e-9)
        pull = jacobian @ (weight * (there - gain * self._there).reshape(-1))
        step = np.linalg.solve(normal, pull.astype(np.float64))
        return gain, np.eye(3) + np.einsum("n,nij->ij", step / max(gain, LEAST_GAIN), self._motions)

    def _look(self, infrared: Field, ir_from_vis: Matrix) -> tuple[Field, Weight]:
        """The infrared structure (P, 2) at the points, and 1 for those that the infrared camera sees, else 0."""
        x, y, z = ir_from_vis.astype(np.float32) @ self._points
        x /= z
        y /= z
        height, width = infrared.shape[:2]
        inside = (x >= BORDER_PX) & (x <= width - 1 - BORDER_PX) & (y >= BORDER_PX) & (y <= height - 1 - BORDER_PX)
        there = cv2.remap(infrared, x[None], y[None], cv2.INTER_LINEAR)
        return np.asarray(there, np.float32).reshape(-1, 2), inside.astype(np.float32)


def _choose(telling: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """Which pixels, counted row by row, are of the more telling half; evenly thinned."""
    places = np.flatnonzero(telling > max(middle(telling[::SPARSE, ::SPARSE]), 1e-9))
    return places[:: -(-len(places) // most) or 1]


def _correlation(visible: Field, infrared: Field, sees: Weight) -> float:
    weight = np.repeat(sees, 2)
    own = _shared(visible, visible, weight) * _shared(infrared, infrared, weight)
    return _shared(visible, infrared, weight) / (math.sqrt(own) + 1e-9)


def _gain(visible: Field, infrared: Field, weight: Weight) -> float:
    """How much of the visible structure is in the infrared's; the rest of that is its own."""
    return _shared(visible, infrared, weight) / (_shared(visible, visible, weight) + 1e-9)


def _shared(one: Field, other: Field, weight: Weight) -> float:
    return float((weight * one.reshape(-1)) @ other.reshape(-1))
