"""Registration to a fraction of a pixel: inverse-compositional Gauss-Newton (Baker and Matthews 2004), robust."""

import math
from copy import copy
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import Matrix, warp_points
from .model import Model, centred, corner_distance_px, motions, velocities
from .structure import Field

MOST_POINTS = 20_000
BORDER_PX = 3
LEAST_POINTS = 10
"""For each degree of freedom."""
DONE_PX = 0.02
LEAST_GAIN = 0.15
"""Steps are not made larger for less in common than this."""
TILES = 8
"""Tiles across the picture, whose checkerboard makes the two halves."""


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
        most: Points to look at.
    """

    def __init__(self, visible: Field, model: Model, most: int = MOST_POINTS) -> None:
        self._size = visible.shape[1], visible.shape[0]
        slope_x, slope_y = (
            cv2.Sobel(visible, cv2.CV_32F, 1, 0, scale=1 / 8),
            cv2.Sobel(visible, cv2.CV_32F, 0, 1, scale=1 / 8),
        )
        telling = sum(plane * plane for slope in (slope_x, slope_y) for plane in cv2.split(slope))
        telling = np.asarray(telling, np.float32)
        telling[:BORDER_PX], telling[-BORDER_PX:] = 0, 0
        telling[:, :BORDER_PX], telling[:, -BORDER_PX:] = 0, 0
        rows, columns = _choose(telling, most)
        self._points = np.column_stack([columns, rows]).astype(np.float32)
        self._there = visible[rows, columns]
        self._centre = centred(self._size)
        self._motions = motions(model)
        moved = velocities(model, warp_points(self._centre, self._points.astype(np.float64))) / self._centre[0, 0]
        self._jacobian = (
            moved[..., :1] * slope_x[rows, columns] + moved[..., 1:] * slope_y[rows, columns]
        ).astype(np.float32)

    def halves(self) -> tuple["Template", "Template"]:
        """Two templates, each of every other tile of a checkerboard, to see how far they disagree."""
        tile = max(self._size[0] // TILES, 1)
        is_odd = (self._points // tile).sum(axis=1) % 2 == 1
        return self._only(is_odd), self._only(~is_odd)

    def _only(self, chosen: NDArray[np.bool_]) -> "Template":
        part = copy(self)
        part._points, part._there = self._points[chosen], self._there[chosen]
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
        if len(self._points) < needed:
            return Fit(ir_from_vis, -1.0)
        correlation, gain = -1.0, None
        for _ in range(iterations):
            there, sees = self._look(infrared, ir_from_vis)
            if np.count_nonzero(sees) < needed:
                return Fit(ir_from_vis, -1.0)
            gain, change = self._step(there, sees, gain)
            moved = ir_from_vis @ np.linalg.inv(np.linalg.inv(self._centre) @ change @ self._centre)
            moved /= moved[2, 2]
            correlation = _correlation(self._there, there, sees)
            step_px = corner_distance_px(moved, ir_from_vis, self._size)
            if not np.isfinite(step_px) or step_px > self._size[0]:
                return Fit(ir_from_vis, -1.0)
            ir_from_vis = moved
            if step_px < DONE_PX:
                break
        return Fit(ir_from_vis, correlation)

    def _step(self, there: Field, sees: NDArray[np.bool_], gain: float | None) -> tuple[float, Matrix]:
        """The gain, and the (3, 3) change of the visible in centred coordinates that suits the infrared.

        Only a part of the visible's structure, the gain, is in the infrared: compared as if all were, the pictures
        would be drawn to where the infrared has little of its own.
        """
        gain = _gain(self._there, there, sees.astype(np.float32)) if gain is None else gain
        apart = there - gain * self._there
        square = np.einsum("pc,pc->p", apart, apart)
        weight = sees / (1 + square / (np.median(square[sees]) + 1e-6))
        gain = _gain(self._there, there, weight)
        apart = (there - gain * self._there).reshape(-1)
        freedom = len(self._motions)
        weighted = (self._jacobian * weight[None, :, None]).reshape(freedom, -1)
        normal = weighted @ self._jacobian.reshape(freedom, -1).T
        normal += np.eye(freedom) * (1e-4 * np.trace(normal) / freedom + 1e-9)
        step = np.linalg.solve(normal.astype(np.float64), (weighted @ apart).astype(np.float64))
        return gain, np.eye(3) + np.einsum("n,nij->ij", step / max(gain, LEAST_GAIN), self._motions)

    def _look(self, infrared: Field, ir_from_vis: Matrix) -> tuple[Field, NDArray[np.bool_]]:
        """The infrared structure (P, 2) at the points, and which of them the infrared camera sees."""
        places = (self._points @ ir_from_vis[:, :2].T.astype(np.float32)) + ir_from_vis[:, 2].astype(np.float32)
        places = places[:, :2] / places[:, 2:]
        height, width = infrared.shape[:2]
        low, high = BORDER_PX, np.array([width, height]) - 1 - BORDER_PX
        # One row of many pixels is more than remap takes.
        x, y = (_folded(places[:, axis]) for axis in (0, 1))
        there = np.asarray(cv2.remap(infrared, x, y, cv2.INTER_LINEAR), np.float32).reshape(-1, 2)
        sees: NDArray[np.bool_] = np.all((places >= low) & (places <= high), axis=1)
        return there[: len(places)], sees


def _folded(coordinates: NDArray[np.float32]) -> NDArray[np.float32]:
    width = 256
    return np.pad(coordinates, (0, -len(coordinates) % width)).reshape(-1, width)


def _choose(telling: NDArray[np.float32], most: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the more telling half of the pixels, evenly thinned."""
    places = np.flatnonzero(telling > max(float(np.median(telling)), 1e-9))
    rows, columns = np.divmod(places[:: -(-len(places) // most) or 1], telling.shape[1])
    return rows, columns


def _correlation(visible: Field, infrared: Field, sees: NDArray[np.bool_]) -> float:
    products = (
        np.einsum("pc,pc,p->", *both, sees)
        for both in ((visible, infrared), (visible, visible), (infrared, infrared))
    )
    both, one, other = map(float, products)
    return both / (math.sqrt(one * other) + 1e-9)


def _gain(visible: Field, infrared: Field, weight: NDArray[np.float32]) -> float:
    """How much of the visible structure is in the infrared's; the rest of that is its own."""
    shared, own = (np.einsum("pc,pc,p->", visible, field, weight) for field in (infrared, visible))
    return float(shared) / (float(own) + 1e-9)
