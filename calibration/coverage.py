"""Which views of a board are worth keeping: still, and unlike those that are there."""

import math

import numpy as np

from irvis.frame import Pixels
from irvis.geometry import Matrix

GRID = 4, 3
"""Parts of the picture that should have seen the board."""
STILL_SHARE = 0.004
"""Motion of the board's points between two frames below which it is still, as a share of the width."""
NEW_SHARE = 0.06
"""Difference in place or size, as a share of the width, or of shape that makes a view new."""
FULL_SHARE = 0.75
"""Part of the grid that is enough."""


class Coverage:
    """Where a camera has seen the board, from how near and how tilted.

    Args:
        size: Width and height of the pictures [px].
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._poses: list[Matrix] = []
        self.grid = np.zeros(GRID[::-1], np.int64)

    def is_new(self, points: Matrix) -> bool:
        """Whether a view (N, 2) [px] differs from all that were kept."""
        pose = self._pose(points)
        return all(np.abs(pose - kept).max() > NEW_SHARE for kept in self._poses)

    def keep(self, points: Matrix) -> None:
        """Count a view."""
        self._poses.append(self._pose(points))
        cells = np.clip((points / self._size * GRID).astype(int), 0, np.array(GRID) - 1)
        for column, row in {(int(x), int(y)) for x, y in cells}:
            self.grid[row, column] += 1

    @property
    def share(self) -> float:
        """Part of the picture that has seen the board."""
        return float((self.grid > 0).mean())

    def rows(self) -> list[str]:
        """The picture's parts, row by row from the top: what has seen the board is filled.

        Example:
            >>> Coverage((640, 480)).rows()
            ['....', '....', '....']
        """
        return ["".join("#" if seen else "." for seen in row) for row in self.grid]

    def shade(self, picture: Pixels) -> None:
        """Darken, in place, the parts of a picture (H, W, 3) that have not seen the board."""
        height, width = picture.shape[:2]
        for row, column in np.argwhere(self.grid == 0):
            rows = slice(row * height // GRID[1], (row + 1) * height // GRID[1])
            columns = slice(column * width // GRID[0], (column + 1) * width // GRID[0])
            picture[rows, columns] //= 2

    def _pose(self, points: Matrix) -> Matrix:
        """Place, size and tilt as numbers of about one scale."""
        width = self._size[0]
        middle = points.mean(axis=0) / width
        spread = np.cov((points - points.mean(axis=0)).T / width)
        size = math.sqrt(max(float(np.trace(spread)), 0.0))
        return np.array(
            [*middle, size, spread[0, 1] / max(size, 1e-6), (spread[0, 0] - spread[1, 1]) / max(size, 1e-6)]
        )


def is_still(before: Matrix | None, now: Matrix, width: int) -> bool:
    """Whether the same points moved hardly between two frames."""
    if before is None or before.shape != now.shape:
        return False
    return float(np.linalg.norm(now - before, axis=1).max()) < STILL_SHARE * width
