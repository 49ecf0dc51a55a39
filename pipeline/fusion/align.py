"""Infrared pictures warped onto the visible ones through the rig."""

import logging
from collections.abc import Callable
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.errors import RigError
from irvis.frame import Pixels
from irvis.geometry import Matrix, fixed_point, pixel_grid, scaling, warp_points
from irvis.rig import Rig, Size, aspects_disagree

log = logging.getLogger(__name__)

Warp: TypeAlias = Callable[[Pixels], Pixels]

NEAREST_M, FARTHEST_M = 0.2, 1000.0
PLANE_STEP = 0.01

SUBPIXEL_PX = 1 / 64
"""Half a step of OpenCV's fixed-point maps: a homography this close to a scaling is one."""


class Aligner:
    """Brings infrared pictures to the visible camera's size and view; the maps are kept while sizes stay the same.

    Args:
        rig: How the cameras lie; None is the identity rig, which scales the infrared onto the visible.
        plane_m: Distance at which the pictures shall lie on each other [m], or `follow`; the rig's own without.

    Attributes:
        rig: In use; the identity rig after the first picture where none was given.
        rig_id: Hash of it.
        fade_px: Detail of the infrared finer than this is taken away [visible px]; 0 keeps all.

    Raises:
        RigError: The rig can't know the plane that was asked for.
    """

    def __init__(self, rig: Rig | None, plane_m: float | Literal["follow"] | None = None) -> None:
        if plane_m is not None and (rig is None or rig.ir_from_vis is None):
            raise RigError(
                f"align.plane_m is {plane_m}, but the rig has no lenses and pose to know planes by; expected a "
                "rig from `irvis calibrate solve`, or no plane_m"
            )
        self.rig = rig
        self.rig_id = rig.id if rig else "identity"
        self.fade_px = 0.0
        self._plane_m = plane_m if isinstance(plane_m, float | int) else None
        self._correction: Matrix | None = None
        self._ready: tuple[tuple[Size, Size], Warp] | None = None
        self._warned = False
        self._is_identity = False

    @property
    def plane_m(self) -> float | None:
        """Distance at which the pictures lie on each other [m]; None where the rig doesn't know it."""
        return self._plane_m or (self.rig.plane_m if self.rig else None)

    @property
    def sizes(self) -> tuple[Size, Size] | None:
        """Of the visible and the infrared pictures (width, height) [px]; None before the first."""
        return self._ready[0] if self._ready else None

    def align(self, infrared: Pixels, visible_size: Size) -> Pixels:
        """Warp one picture.

        Args:
            infrared: (H, W) uint8.
            visible_size: Width and height [px] of the visible picture.

        Returns:
            (H', W') uint8 of the visible's size, black where the infrared camera saw nothing; the very array that
            came where nothing is to be done.

        Raises:
            RigError: A picture has another aspect ratio than the rig was measured at.
        """
        sizes = visible_size, (infrared.shape[1], infrared.shape[0])
        if self._ready is None or self._ready[0] != sizes:
            self._correction = None
            self._ready = sizes, self._prepare(*sizes)
        aligned = self._ready[1](infrared)
        if self.fade_px:
            aligned = np.asarray(cv2.GaussianBlur(aligned, (0, 0), self.fade_px / 2), np.uint8)
        return aligned

    def correct(self, vis_from_aligned: Matrix | None, plane_m: float | None = None) -> None:
        """Move the aligned pictures from now on; the maps are made by the caller's thread.

        Args:
            vis_from_aligned: (3, 3) where pixels of the uncorrected picture should go, at the size in use.
            plane_m: Another plane [m], first.
        """
        ready = self._ready
        if ready is None:
            return
        self._correction, self._plane_m = vis_from_aligned, plane_m or self._plane_m
        warp = self._prepare(*ready[0])
        if self._ready is ready:
            self._ready = ready[0], warp

    def plane_of(self, shift_px: tuple[float, float]) -> float | None:
        """The plane [m] on which the picture's middle would move by this much, as far as parallax can."""
        rig, plane_m = self.rig, self.plane_m
        if rig is None or rig.ir_from_vis is None or plane_m is None or self.sizes is None:
            return None
        visible, infrared = self.sizes
        middle = np.array([[(visible[0] - 1) / 2, (visible[1] - 1) / 2]])
        step = PLANE_STEP / plane_m
        near = rig.ir_points(middle, visible, infrared, 1 / (1 / plane_m + step))
        moved = near - rig.ir_points(middle, visible, infrared, plane_m)
        # What is nearer than the plane shows up where the parallax takes it; it has to be moved back.
        slope = -(rig.homography(visible, infrared)[:2, :2] @ moved[0]) / step
        inverse = 1 / plane_m + float(np.dot(shift_px, slope) / max(np.dot(slope, slope), 1e-12))
        return float(1 / np.clip(inverse, 1 / FARTHEST_M, 1 / NEAREST_M))

    def _prepare(self, visible: Size, infrared: Size) -> Warp:
        rig = None if self._is_identity else self.rig
        if rig is None:
            if aspects_disagree(visible, infrared) and not self._warned:
                self._warned = True
                log.warning(
                    "infrared %dx%d is stretched onto visible %dx%d, another aspect ratio: they won't lie on each "
                    "other; calibrate the cameras and set rig",
                    *infrared,
                    *visible,
                )
            rig = Rig.identity(visible, infrared)
            self._is_identity = True
            self.rig, self.rig_id = rig, rig.id
        vis_from_ir = rig.homography(visible, infrared)
        is_scaling = _equal_px(vis_from_ir, scaling(infrared, visible), infrared) and rig.ir_from_vis is None
        if is_scaling and self._correction is None:
            return _as_it_is if visible == infrared else _resize(visible)
        points = pixel_grid(visible)
        if self._correction is not None:
            points = warp_points(np.asarray(np.linalg.inv(self._correction), np.float64), points)
        return _remap(fixed_point(rig.ir_points(points, visible, infrared, self._plane_m), visible))


def _equal_px(one: np.ndarray, other: np.ndarray, size: Size) -> bool:
    width, height = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64).T
    first, second = one @ corners, other @ corners
    return bool(np.allclose(first[:2] / first[2], second[:2] / second[2], rtol=0, atol=SUBPIXEL_PX))


def _as_it_is(infrared: Pixels) -> Pixels:
    return infrared


def _resize(size: Size) -> Warp:
    def warp(infrared: Pixels) -> Pixels:
        return np.asarray(cv2.resize(infrared, size, interpolation=cv2.INTER_LINEAR), np.uint8)

    return warp


def _remap(tables: tuple[NDArray[np.int16], NDArray[np.uint16]]) -> Warp:
    def warp(infrared: Pixels) -> Pixels:
        return np.asarray(cv2.remap(infrared, *tables, cv2.INTER_LINEAR), np.uint8)

    return warp
