"""A charuco board whose markers are too small to be read: its corners, found as those of a chessboard."""

import cv2
import numpy as np

from irvis.frame import Pixels
from irvis.geometry import Matrix

from .looks import SMALL_PX, TINY_PX
from .target import Target

SOFT_PX = 1.3
"""Blur that makes of a marker and the paper around it one light square."""
READABLE_PX = 3.0
"""Of a marker's cell: a board that shows larger ones, and none can be read, is another board or mirrored."""


def unread_corners(gray: Pixels, target: Target) -> Matrix | None:
    """All inner corners of a charuco board, counted from one of two opposite ends.

    Args:
        gray: (H, W) uint8 as it came, in either polarity.
        target: The board.

    Returns:
        (N, 2) x, y [px]; None where they aren't seen, or where the markers are large enough to be read.
    """
    width = gray.shape[1]
    if width >= SMALL_PX:
        return None
    scale = 6 if width < TINY_PX else 3
    soft = cv2.GaussianBlur(gray, (0, 0), SOFT_PX)
    even = cv2.createCLAHE(4.0, (4, 4)).apply(soft)
    large = cv2.resize(even, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    across, down = target.columns - 1, target.rows - 1
    found, places = cv2.findChessboardCornersSB(np.asarray(large, np.uint8), (across, down))
    if not found:
        return None
    points = (np.asarray(places, np.float64).reshape(down, across, 2) + 0.5) / scale - 0.5
    square_px = float(np.median(np.linalg.norm(np.diff(points, axis=1), axis=2)))
    cells = target.square_mm / target.marker_mm * (target.markers().markerSize + 2)
    return points.reshape(-1, 2) if square_px / cells < READABLE_PX else None


def is_inverted(gray: Pixels, points: Matrix, target: Target) -> bool:
    """Whether the board's black squares are the brighter ones, by its inner corners (N, 2) x, y [px]."""
    grid = points.reshape(target.rows - 1, target.columns - 1, 2)
    middles = (grid[1:, 1:] + grid[:-1, :-1]) / 2
    columns, rows = np.moveaxis(middles.astype(np.float32), 2, 0).copy()
    light = cv2.remap(cv2.GaussianBlur(gray, (0, 0), SOFT_PX), columns, rows, cv2.INTER_LINEAR)
    is_black = np.indices(light.shape).sum(axis=0) % 2 == 0
    return float(light[is_black].mean()) > float(light[~is_black].mean())
