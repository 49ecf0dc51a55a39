"""Lenses: intrinsics and distortion of one camera, with the views that don't fit found out."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.geometry import Matrix

from .boards.target import Target
from .views import Seen

MANY_VIEWS = 8
OUTLIER_FACTOR = 3.0
OUTLIER_PX = 0.35
"""A view is left out when its error is this many times the median view's, and above this many pixels."""
LEAST_LEFT = 4
DOUBTFUL_SHARE = 0.015
"""Uncertainty of the principal point, as a share of the width, from which it is held in the middle."""

FULL = cv2.CALIB_USE_INTRINSIC_GUESS | cv2.CALIB_FIX_ASPECT_RATIO | cv2.CALIB_FIX_K3
HELD = FULL | cv2.CALIB_FIX_PRINCIPAL_POINT | cv2.CALIB_FIX_K2 | cv2.CALIB_ZERO_TANGENT_DIST
"""Pixels are square; few views, or all alike, can't tell the higher terms of distortion from the rest."""


@dataclass(frozen=True)
class Lens:
    """One camera's intrinsics.

    Attributes:
        K: (3, 3) [px], pixel centres at integers.
        dist: (5,) k1, k2, p1, p2, k3.
        rms_px: Reprojection error over all used points.
        view_rms_px: The same by view's name.
        rejected: Names of views left out, with the reason.
        is_held: Whether the principal point was held in the middle, as the views can't tell it from a tilt.
    """

    K: Matrix
    dist: NDArray[np.float64]
    rms_px: float
    view_rms_px: dict[str, float]
    rejected: dict[str, str]
    is_held: bool


def solve_lens(seen: dict[str, Seen], target: Target, size: tuple[int, int]) -> Lens:
    """Calibrate one camera (Zhang 2000, by OpenCV), leaving out the worst view until all fit.

    Args:
        seen: Sightings by view's name.
        target: The board.
        size: Width and height of the pictures [px].
    """
    left = dict(seen)
    rejected: dict[str, str] = {}
    flags = FULL if len(seen) >= MANY_VIEWS else HELD
    while True:
        lens, doubt_px = _solve(left, target, size, flags, rejected)
        worst = max(lens.view_rms_px, key=lens.view_rms_px.__getitem__)
        middle = float(np.median(list(lens.view_rms_px.values())))
        if lens.view_rms_px[worst] > max(OUTLIER_FACTOR * middle, OUTLIER_PX) and len(left) > LEAST_LEFT:
            rejected[worst] = (
                f"reprojection error {lens.view_rms_px[worst]:.2f} px where the median view has {middle:.2f}"
            )
            del left[worst]
        elif flags == FULL and doubt_px > DOUBTFUL_SHARE * size[0]:
            flags = HELD  # only now: a view that doesn't fit makes everything uncertain
        else:
            return lens


def _solve(
    seen: dict[str, Seen], target: Target, size: tuple[int, int], flags: int, rejected: dict[str, str]
) -> tuple[Lens, float]:
    """One calibration, and how far the principal point is uncertain [px]."""
    board = target.points_m().astype(np.float32)
    rms, K, dist, _, _, deviations, _, errors = cv2.calibrateCameraExtended(
        [board[view.ids] for view in seen.values()],
        [view.places().astype(np.float32) for view in seen.values()],
        size,
        _first_guess(size),
        np.zeros(5),
        flags=flags,
    )
    by_view = dict(zip(seen, np.asarray(errors).ravel().tolist(), strict=True))
    matrix, terms = np.asarray(K, np.float64), np.asarray(dist, np.float64).ravel()[:5]
    is_held = bool(flags & cv2.CALIB_FIX_PRINCIPAL_POINT)
    doubt_px = float(np.asarray(deviations).ravel()[2:4].max())
    return Lens(matrix, terms, float(rms), by_view, rejected, is_held), doubt_px


def _first_guess(size: tuple[int, int]) -> Matrix:
    width, height = size
    return np.array([[width * 1.2, 0, (width - 1) / 2], [0, width * 1.2, (height - 1) / 2], [0, 0, 1]])
