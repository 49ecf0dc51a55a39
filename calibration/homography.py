"""The homography, or less, that takes marked infrared points onto visible ones."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.errors import DataError
from irvis.geometry import Matrix, warp_points
from irvis.registration import Model

RANSAC_PX = 3.0


def leave_one_out_rms_px(groups: Sequence[tuple[Matrix, Matrix]], model: Model) -> float:
    """RMS [px] of where each group of points (infrared, visible) falls by the fit to all others."""
    errors = []
    for k, (ir, vis) in enumerate(groups):
        others = [group for j, group in enumerate(groups) if j != k]
        matrix = fit(np.concatenate([g[0] for g in others]), np.concatenate([g[1] for g in others]), model, False)
        errors.append(np.linalg.norm(warp_points(matrix, ir) - vis, axis=1))
    return float(np.sqrt((np.concatenate(errors) ** 2).mean()))


def fit(ir: Matrix, vis: Matrix, model: Model, robust: bool) -> Matrix:
    """The (3, 3) vis_from_ir of a model that takes infrared points onto visible ones.

    Raises:
        DataError: The points don't determine it.
    """
    method = cv2.USAC_MAGSAC if robust else 0
    matrix: NDArray[Any] | None
    if model == "homography":
        matrix, _ = cv2.findHomography(ir, vis, method, RANSAC_PX)
    elif robust:
        solver = cv2.estimateAffine2D if model == "affine" else cv2.estimateAffinePartial2D
        matrix, _ = solver(ir, vis, None, cv2.RANSAC, RANSAC_PX)
    else:
        matrix = _linear(ir, vis, model)
    if matrix is None or not np.isfinite(matrix).all():
        raise DataError(
            f"{len(ir)} points don't determine a {model}: spread them over the picture, on no one line"
        )
    full: Matrix = np.vstack([matrix, [0, 0, 1]]) if len(matrix) == 2 else np.asarray(matrix, np.float64)
    return full


def _linear(ir: Matrix, vis: Matrix, model: Model) -> Matrix:
    """Least squares of (2, 3) matrices: similarity [a -b; b a], affine, or less."""
    x, y, one, zero = ir[:, 0], ir[:, 1], np.ones(len(ir)), np.zeros(len(ir))
    if model == "affine":
        rows = np.concatenate(
            [np.column_stack([x, y, one, zero, zero, zero]), np.column_stack([zero, zero, zero, x, y, one])]
        )
        a = np.linalg.lstsq(rows, np.concatenate([vis[:, 0], vis[:, 1]]))[0]
        return np.asarray(a.reshape(2, 3), np.float64)
    turn_x, turn_y = (-y, x) if model == "similarity" else (zero, zero)
    grow_x, grow_y = (zero, zero) if model == "shift" else (x, y)
    rows = np.concatenate(
        [np.column_stack([grow_x, turn_x, one, zero]), np.column_stack([grow_y, turn_y, zero, one])]
    )
    rest = np.concatenate([vis[:, 0], vis[:, 1]]) - (np.concatenate([x, y]) if model == "shift" else 0)
    a = np.linalg.lstsq(rows, rest)[0]
    scale = 1.0 if model == "shift" else a[0]
    return np.array([[scale, -a[1], a[2]], [a[1], scale, a[3]]])
