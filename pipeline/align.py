"""Infrared pictures warped onto the visible ones through the rig."""

import logging
from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np

from irvis.frame import Pixels
from irvis.geometry import remap_tables, scaling
from irvis.rig import Rig, Size, aspects_disagree

log = logging.getLogger(__name__)

Warp: TypeAlias = Callable[[Pixels], Pixels]

SUBPIXEL_PX = 1 / 64
"""Half a step of OpenCV's fixed-point maps: a homography this close to a scaling is one."""


class Aligner:
    """Brings infrared pictures to the visible camera's size and view; the maps are kept while sizes stay the same.

    Args:
        rig: How the cameras lie; None is the identity rig, which scales the infrared onto the visible.

    Attributes:
        rig_id: Of the rig in use; the identity rig's after the first picture.
    """

    def __init__(self, rig: Rig | None) -> None:
        self._rig = rig
        self.rig_id = rig.id if rig else "identity"
        self._sizes: tuple[Size, Size] | None = None
        self._warp: Warp = _as_it_is
        self._warned = False

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
        if sizes != self._sizes:
            self._warp = self._prepare(*sizes)
            self._sizes = sizes
        return self._warp(infrared)

    def _prepare(self, visible: Size, infrared: Size) -> Warp:
        rig = self._rig
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
            self.rig_id = rig.id
        vis_from_ir = rig.homography(visible, infrared)
        if not _equal_px(vis_from_ir, scaling(infrared, visible), infrared):
            return _remap(np.linalg.inv(vis_from_ir), visible)
        return _as_it_is if visible == infrared else _resize(visible)


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


def _remap(ir_from_vis: np.ndarray, size: Size) -> Warp:
    coarse, fine = remap_tables(ir_from_vis, size)

    def warp(infrared: Pixels) -> Pixels:
        return np.asarray(cv2.remap(infrared, coarse, fine, cv2.INTER_LINEAR), np.uint8)

    return warp
