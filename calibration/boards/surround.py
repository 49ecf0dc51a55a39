"""What a chessboard is printed on: its corners look the same in either polarity, its edge does not."""

import cv2
import numpy as np

from irvis.frame import Pixels
from irvis.geometry import Matrix, warp_points

from .target import Target

AROUND = 0.3
"""How far beyond a chessboard's outer squares one looks, in squares."""
CLEAR = 0.3
"""Of the way from the dark squares' level to the bright ones': what is nearer to one of them is like it."""
SOFT_PX = 0.7


def is_dark_around(gray: Pixels, points: Matrix, target: Target) -> bool | None:
    """Whether a chessboard is on something as dark as its dark squares: printed on paper, it is on bright.

    Args:
        gray: (H, W) uint8.
        points: (N, 2) x, y [px] all its inner corners.
        target: The board.

    Returns:
        None where it is like neither.
    """
    corners = target.points_m()[:, :2] / (target.points_m()[1, 0])
    matrix, _ = cv2.findHomography(corners, points)
    columns, rows = np.meshgrid(np.arange(target.columns - 1) + 0.5, np.arange(target.rows - 1) + 0.5)
    squares = np.column_stack([columns.ravel(), rows.ravel()])
    is_odd = squares.sum(axis=1).astype(int) % 2 == 1
    across, down = np.arange(-1, target.columns, 0.25), np.arange(-1, target.rows, 0.25)
    ring = [(x, y) for x in across for y in (-1 - AROUND, target.rows + AROUND)]
    ring += [(x, y) for y in down for x in (-1 - AROUND, target.columns + AROUND)]
    light = np.asarray(cv2.GaussianBlur(gray, (0, 0), SOFT_PX), np.uint8)
    levels = [
        _median(light, warp_points(np.asarray(matrix, np.float64), each))
        for each in (squares[is_odd], squares[~is_odd], np.array(ring))
    ]
    dark, bright = sorted(levels[:2])
    share = (levels[2] - dark) / max(bright - dark, 1.0)
    return True if share < CLEAR else False if share > 1 - CLEAR else None


def _median(gray: Pixels, places: Matrix) -> float:
    """Of the picture at those places (N, 2) x, y [px] that are in it; NaN where none is."""
    inside = ((places >= 0) & (places <= np.array(gray.shape[::-1]) - 1)).all(axis=1)
    x, y = np.rint(places[inside]).astype(int).T
    return float(np.median(gray[y, x])) if len(x) else float("nan")
