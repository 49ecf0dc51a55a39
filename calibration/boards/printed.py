"""A board as it is printed around each of its points: what a camera should see there."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from irvis.frame import Pixels
from irvis.geometry import Matrix, warp_points
from irvis.registration.structure import reduced

from .target import MM, Target

UNKNOWN, DARK, BRIGHT = 0, 1, 255
"""Of a page: nobody knows what is printed there, or hangs behind the board; ink; paper."""
FINE = 64
"""Pixels of a page for what has no cells of its own: a circle's step, a charuco board's square."""
CELL, FRAME = 10, 20
"""Pixels of a page for a marker's cell, and for what is around a marker."""
REACH_CELLS = 1
"""How far around a marker's corner one looks: two cells fit closer, and give worse poses."""
MOST_ROWS = 32_000
"""More are more than OpenCV's remap takes."""


@dataclass(frozen=True)
class Print:
    """Where the points are on a page, and how much around them tells where they are.

    Attributes:
        page: (H, W) uint8, sharp; a circle's rim in gray.
        page_from_board: (3, 3) from the board's x, y [m] to the page's pixels; (N, 3, 3) of each of its points
            where they are on the page apart.
        reach_m: Half the side of the square around a point that tells where it is.
    """

    page: Pixels
    page_from_board: Matrix
    reach_m: float


@lru_cache(maxsize=8)  # each is wanted for every picture, and takes long to draw
def printed(target: Target, radius: float) -> Print:
    """How a board is printed.

    Args:
        target: The board.
        radius: Of its circles, in steps from one to the next.
    """
    if target.kind == "aruco":
        return _markers(target)
    side_m = target.square_mm * MM
    points = target.points_m()[:, :2]
    reach_m = side_m / 2
    if target.kind == "chessboard":
        rows, columns = np.mgrid[-1 : target.rows, -1 : target.columns]
        page, page_from_board = (
            np.where((rows + columns) % 2 == 0, DARK, BRIGHT),
            _onto(1 / side_m, -side_m, -side_m),
        )
    elif target.kind == "charuco":
        board = cv2.aruco.CharucoBoard(
            (target.columns, target.rows), target.square_mm, target.marker_mm, target.markers()
        )
        page = np.maximum(board.generateImage((FINE * target.columns, FINE * target.rows)), DARK)
        page_from_board = _onto(FINE / side_m, 0, 0)
    else:
        step_m = side_m if target.kind == "circles" else side_m * 2**0.5
        reach_m = step_m / 2
        low, high = points.min(axis=0) - reach_m, points.max(axis=0) + reach_m
        page_from_board = _onto(FINE / step_m, *low)
        width, height = np.rint((high - low) * FINE / step_m).astype(int)
        y, x = np.mgrid[:height, :width]
        paper = np.ones((height, width))
        for centre_x, centre_y in warp_points(page_from_board, points):
            # A rim of black and white pixels only pulls a middle that lies between pixels off its place.
            paper = np.minimum(paper, np.clip(np.hypot(x - centre_x, y - centre_y) - radius * FINE + 0.5, 0, 1))
        page = np.rint(DARK + (BRIGHT - DARK) * paper)
    return Print(page.astype(np.uint8), page_from_board, reach_m)


def _markers(target: Target) -> Print:
    """Markers in a row, each in as much white as its neighbours leave it, whatever the gaps between them."""
    cells, count = target.markers().markerSize + 2, target.columns * target.rows
    cell_m = target.square_mm * MM / cells
    side = cells * CELL
    white = int(min(FRAME / 2, CELL * target.least_gap_mm * MM / cell_m))
    page = np.full((side + 2 * FRAME, count * (side + 2 * FRAME)), UNKNOWN, np.uint8)
    onto = []
    for k, (x_m, y_m) in enumerate(target.points_m()[::4, :2]):
        left = FRAME + k * (side + 2 * FRAME)
        page[FRAME - white : FRAME + side + white, left - white : left + side + white] = BRIGHT
        marker = cv2.aruco.generateImageMarker(target.markers(), target.first_id + k, side)
        page[FRAME : FRAME + side, left : left + side] = np.maximum(marker, DARK)
        onto += 4 * [_onto(CELL / cell_m, x_m - left * cell_m / CELL, y_m - FRAME * cell_m / CELL)]
    return Print(page, np.array(onto), REACH_CELLS * cell_m)


def scaled(page: Pixels, step_px: float) -> tuple[Pixels, float]:
    """A page to be sampled: its pixels are about as far apart as the samples.

    Args:
        page: (H, W) uint8.
        step_px: Pixels of the page from one sample to the next.

    Returns:
        The page, enlarged with its edges sharp or reduced by averaging, and by how much it has grown.
    """
    if step_px < 2:
        grow = min(max(1, round(1 / step_px)), MOST_ROWS // max(page.shape))
        # OpenCV's nearest neighbour moves some edges by a sample: 49 times as large, 98, 103...
        return page.repeat(grow, axis=0).repeat(grow, axis=1), grow
    shrink = round(step_px)
    down, right = (-length % shrink for length in page.shape)
    return reduced(np.pad(page, ((0, down), (0, right)), mode="edge"), shrink), 1 / shrink


def _onto(px_per_m: float, left_m: float, top_m: float) -> Matrix:
    """(3, 3) from the board's x, y [m] to a page whose outer edge is there; pixel centres at integers."""
    return np.array([[px_per_m, 0, -left_m * px_per_m - 0.5], [0, px_per_m, -top_m * px_per_m - 0.5], [0, 0, 1]])
