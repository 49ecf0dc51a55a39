"""The boards that both cameras can be shown, and where their points are."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np

from irvis.errors import ConfigError
from irvis.geometry import Matrix

Kind: TypeAlias = Literal["aruco", "charuco", "chessboard", "circles", "acircles"]

MM = 1e-3
MARKERS: tuple[Kind, ...] = ("aruco", "charuco")
"""Boards whose points say which they are, so that a part of the board is enough."""


@dataclass(frozen=True)
class Target:
    """A flat board.

    Attributes:
        kind: aruco (a grid of markers), charuco, chessboard, circles (a square grid) or acircles (every other row
            moved by half a step).
        columns: Markers, squares or circles across; of a chessboard, inner corners.
        rows: The same down.
        square_mm: Side of a square or a marker, or from circle to circle [mm]; of acircles,
            half of that along a row.
        marker_mm: Of charuco, the markers' side.
        gap_mm: Between the markers of an aruco board, in a row; 0 is not known.
        row_gap_mm: Between its rows; as in a row without.
        dictionary: Of the markers, as OpenCV names it without DICT_.
        first_id: The first marker's number.
    """

    kind: Kind
    columns: int
    rows: int
    square_mm: float
    marker_mm: float = 0.0
    gap_mm: float = 0.0
    row_gap_mm: float | None = None
    dictionary: str = "4X4_50"
    first_id: int = 0

    def __post_init__(self) -> None:
        if self.columns < 2 or self.rows < 2 or self.square_mm <= 0:
            raise ConfigError(
                f"board {self.columns}x{self.rows} of {self.square_mm:g} mm: expected 2x2 or more, and a size "
                "above 0"
            )
        if self.least_gap_mm < 0:
            raise ConfigError(
                f"aruco: {self.least_gap_mm:g} mm between markers; expected --gap-mm and --row-gap-mm of 0 or more"
            )
        if self.kind == "charuco" and not 0 < self.marker_mm < self.square_mm:
            raise ConfigError(
                f"charuco: markers of {self.marker_mm:g} mm in squares of {self.square_mm:g} mm; expected "
                "--marker-mm between 0 and the square's side"
            )

    def check_measured(self) -> None:
        """Refuse a board whose points have no known places; a homography needs none.

        Raises:
            ConfigError: A board of markers came without the gaps between them.
        """
        if not self.is_measured:
            raise ConfigError(
                "--target aruco: expected --gap-mm, the white between two markers in a row, measured on the print"
            )

    @property
    def is_measured(self) -> bool:
        """Whether its points have known places: of markers, the gaps have to be known."""
        return self.kind != "aruco" or self.least_gap_mm > 0

    @property
    def least_gap_mm(self) -> float:
        """The smaller gap between the markers of an aruco board [mm]."""
        return self.gap_mm if self.row_gap_mm is None else min(self.gap_mm, self.row_gap_mm)

    def markers(self) -> cv2.aruco.Dictionary:
        """The dictionary of the board's markers.

        Raises:
            ConfigError: OpenCV has none of this name.
        """
        number = getattr(cv2.aruco, f"DICT_{self.dictionary.upper()}", None)
        if number is None:
            raise ConfigError(
                f"--dictionary {self.dictionary}: OpenCV has no such markers; expected one like 4X4_50, 6X6_250 "
                "or ARUCO_ORIGINAL"
            )
        return cv2.aruco.getPredefinedDictionary(number)

    def points_m(self) -> Matrix:
        """(N, 3) the board's points [m], x right, y down, z into the board; their places are their numbers.

        A marker has four, clockwise from its own top left.
        """
        if self.kind == "aruco":
            row_gap_mm = self.gap_mm if self.row_gap_mm is None else self.row_gap_mm
            step = np.array([self.square_mm + self.gap_mm, self.square_mm + row_gap_mm, 0])
            corner = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]) * self.square_mm
            starts = np.repeat(_grid(self.columns, self.rows) * step, 4, axis=0)
            corners: Matrix = MM * (starts + np.tile(corner, (self.columns * self.rows, 1)))
            return corners
        if self.kind == "charuco":
            inner: Matrix = MM * self.square_mm * (_grid(self.columns - 1, self.rows - 1) + np.array([1, 1, 0]))
            return inner
        points = _grid(self.columns, self.rows)
        if self.kind == "acircles":
            points[:, 0] = 2 * points[:, 0] + points[:, 1] % 2
        return points * self.square_mm * MM


def _grid(columns: int, rows: int) -> Matrix:
    x, y = np.meshgrid(np.arange(columns, dtype=np.float64), np.arange(rows, dtype=np.float64))
    return np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
