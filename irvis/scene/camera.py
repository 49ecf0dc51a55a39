"""The visible camera over the street, and the views (visible, infrared) the street is drawn into."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .config import SceneConfig

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera over level ground; world x right, y up, z ahead [m], camera at (0, height_m, 0).

    The horizon is moved off the middle by shifting the lens, so that verticals stay vertical.
    """

    focal_px: float
    centre_px: float
    horizon_px: float
    height_m: float = 2.45

    @classmethod
    def of(cls, config: SceneConfig) -> "Camera":
        """The camera of a config: 58 degrees across, vanishing point right of the middle."""
        return cls(0.9 * config.width, 0.6 * config.width, 0.43 * config.height)

    @cached_property
    def matrix(self) -> Matrix:
        """(3, 4) projection, homogeneous world [m] -> visible px."""
        f, cx, cy = self.focal_px, self.centre_px, self.horizon_px
        return np.array([[f, 0, cx, 0], [0, -f, cy, f * self.height_m], [0, 0, 1, 0]], np.float64)

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 3) world points [m] ahead of the camera -> (N, 2) visible px."""
        uvw = points @ self.matrix[:, :3].T + self.matrix[:, 3]
        projected: NDArray[np.float64] = uvw[:, :2] / uvw[:, 2:]
        return projected

    def plane(self, origin: Matrix, right: Matrix, down: Matrix, px_per_m: float) -> Matrix:
        """Homography of a textured plane in the world: texture px -> visible px.

        Args:
            origin: (3,) world point of the texture's top-left corner [m].
            right: (3,) unit vector along the texture's rows.
            down: (3,) unit vector along its columns.
            px_per_m: Texture pixels per metre.
        """
        half = 0.5 / px_per_m
        corner = origin + half * (right + down)
        world = np.zeros((4, 3))
        world[:3, 0], world[:3, 1], world[:3, 2] = right / px_per_m, down / px_per_m, corner
        world[3, 2] = 1
        return self.matrix @ world

    def billboard(self, x: float, z: float, anchor: tuple[float, float], px_per_m: float) -> Matrix:
        """Homography of an upright sprite that faces the camera: sprite px -> visible px.

        Args:
            x: World x of the anchor [m].
            z: Its depth [m].
            anchor: The sprite's pixel that stands on the ground at (x, 0, z).
            px_per_m: Sprite pixels per metre.
        """
        size = self.focal_px / z / px_per_m
        u = self.centre_px + self.focal_px * x / z
        v = self.horizon_px + self.focal_px * self.height_m / z
        return np.array([[size, 0, u - size * anchor[0]], [0, size, v - size * anchor[1]], [0, 0, 1]])


@dataclass(frozen=True)
class View:
    """A picture of the street: its size and where visible pixels fall in it.

    Attributes:
        width: Columns [px].
        height: Rows [px].
        from_visible: (3, 3) homography, visible px -> this picture's px.
    """

    width: int
    height: int
    from_visible: Matrix


def vis_from_ir(config: SceneConfig) -> Matrix:
    """(3, 3) homography, infrared px -> visible px; pixel centres at integers.

    The infrared picture is first stretched to the visible size (nothing to do when the sizes agree), then
    scaled and turned about the picture's centre, then shifted.
    """
    stretch = np.diag([config.width / config.ir_width, config.height / config.ir_height])
    turn = math.radians(config.ir_rotation_deg)
    c, s = math.cos(turn), math.sin(turn)
    linear = config.ir_scale * np.array([[c, -s], [s, c]]) @ stretch
    ir_centre = np.array([(config.ir_width - 1) / 2, (config.ir_height - 1) / 2])
    vis_centre = np.array([(config.width - 1) / 2, (config.height - 1) / 2])
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = vis_centre + np.array(config.ir_shift_px) - linear @ ir_centre
    return matrix


def visible_view(config: SceneConfig) -> View:
    """The visible camera's own picture."""
    return View(config.width, config.height, np.eye(3))


def infrared_view(config: SceneConfig) -> View:
    """The infrared camera's picture."""
    return View(config.ir_width, config.ir_height, np.asarray(np.linalg.inv(vis_from_ir(config)), np.float64))
