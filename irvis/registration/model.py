"""The ways in which one picture may lie on another, each by the small motions that span it."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..geometry import Matrix

Model: TypeAlias = Literal["shift", "shift_scale", "similarity", "affine", "homography"]

_MOTIONS = (
    [[0, 0, 1], [0, 0, 0], [0, 0, 0]],  # right
    [[0, 0, 0], [0, 0, 1], [0, 0, 0]],  # down
    [[1, 0, 0], [0, 1, 0], [0, 0, 0]],  # larger
    [[0, -1, 0], [1, 0, 0], [0, 0, 0]],  # turned
    [[1, 0, 0], [0, -1, 0], [0, 0, 0]],  # wider
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]],  # sheared
    [[0, 0, 0], [0, 0, 0], [1, 0, 0]],  # tilted about the vertical
    [[0, 0, 0], [0, 0, 0], [0, 1, 0]],  # tilted about the horizontal
)
FREEDOM: dict[Model, int] = {"shift": 2, "shift_scale": 3, "similarity": 4, "affine": 6, "homography": 8}
"""How many of the motions, in their order, a model has."""


def centred(size: tuple[int, int]) -> Matrix:
    """(3, 3) from pixels to coordinates around the picture's centre, half its width being 1."""
    half = size[0] / 2
    return np.array([[1 / half, 0, -(size[0] - 1) / size[0]], [0, 1 / half, -(size[1] - 1) / size[0]], [0, 0, 1]])


def motions(model: Model) -> NDArray[np.float64]:
    """(N, 3, 3) generators of a model in centred coordinates."""
    return np.asarray(_MOTIONS[: FREEDOM[model]], np.float64)


def velocities(model: Model, points: Matrix) -> NDArray[np.float64]:
    """How far each motion moves each point.

    Args:
        model: Which.
        points: (P, 2) in centred coordinates.

    Returns:
        (N, P, 2) in centred coordinates per unit of motion.
    """
    homogeneous = np.column_stack([points, np.ones(len(points))])
    moved = np.tensordot(motions(model), homogeneous, axes=(2, 1))
    velocity: NDArray[np.float64] = (moved[:, :2] - points.T * moved[:, 2:]).transpose(0, 2, 1)
    return velocity


def corner_distance_px(one: Matrix, other: Matrix, size: tuple[int, int]) -> float:
    """Mean distance [px] between where two homographies take the corners of a picture of this width and height."""
    width, height = size
    corners = np.array(
        [[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1]], np.float64
    ).T
    first, second = one @ corners, other @ corners
    return float(np.linalg.norm(first[:2] / first[2] - second[:2] / second[2], axis=0).mean())
