"""The residual of a pair that should already lie on each other: cheap enough for once a second."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from ..frame import Pixels
from ..geometry import Matrix, scaling
from .fit import Template
from .model import Model, corner_distance_px
from .structure import SMOOTH_PX, Field, reduced, structure

WIDTH_PX = 320
"""Width to fit at, in the end: at 240 neighbouring edges that one camera has alone pull twice as far."""
FINE_SMOOTH_PX = 0.7
POINTS = 10_000
NEAR_WIDTH_PX, NEAR_POINTS = 160, 2500
ROUNDS, HALF_ROUNDS = 3, 1
SEARCH_PX = 80
REACH_SHARE = 0.08
"""Largest shift that is looked for, as a share of the width."""


@dataclass(frozen=True)
class Residual:
    """What is left between an aligned infrared picture and the visible one.

    Attributes:
        vis_from_aligned: (3, 3) homography that would bring the aligned infrared onto the visible, at full size.
        shift_px: Where the infrared's centre should go, right and down [visible px].
        scale: By how much it should grow.
        corner_px: Mean distance that the picture's corners would move [px].
        spread_px: How far two halves of the picture disagree [px].
        correlation: Of their structure, -1 to 1.
    """

    vis_from_aligned: Matrix
    shift_px: tuple[float, float]
    scale: float
    corner_px: float
    spread_px: float
    correlation: float

    @property
    def confidence(self) -> float:
        """0 to 1: how much the pictures have in common, less where two halves of them disagree."""
        agreement = 1 / (1 + self.spread_px**2)
        return float(np.clip(self.correlation / 0.3, 0, 1) * agreement)


def as_estimated(visible: Pixels, aligned: Pixels) -> tuple[Pixels, Pixels]:
    """Both pictures as small as an estimate needs them, and no view of what they are made of.

    Args:
        visible: (H, W, 3) BGR uint8.
        aligned: (H, W) uint8, the infrared as it is fused.

    Returns:
        (h, w) uint8 gray, and the infrared likewise.
    """
    shrink = max(1.0, aligned.shape[1] / WIDTH_PX)
    gray = np.asarray(cv2.cvtColor(reduced(visible, shrink), cv2.COLOR_BGR2GRAY), np.uint8)
    return gray, reduced(aligned, shrink).copy()


def estimate_residual(visible: Pixels, aligned: Pixels, model: Model = "shift_scale") -> Residual:
    """How far an aligned infrared picture is off.

    Args:
        visible: (H, W) uint8.
        aligned: (H, W) uint8, the infrared as it is fused.
        model: One to three degrees of freedom: a shift, or a shift and a scale.
    """
    size = _size(visible)
    tiny, near, fine = (
        _level(visible, aligned, *each)
        for each in ((SEARCH_PX, SMOOTH_PX), (NEAR_WIDTH_PX, SMOOTH_PX), (WIDTH_PX, FINE_SMOOTH_PX))
    )
    template = Template(near.visible, model, most=NEAR_POINTS)
    starts = [near.within(start) for start in (np.eye(3), tiny.whole(_shift(tiny)))]
    likelier = max((template.fit(near.infrared, start, 1) for start in starts), key=lambda fit: fit.correlation)
    start = fine.within(near.whole(template.fit(near.infrared, likelier.ir_from_vis, ROUNDS).ir_from_vis))
    template = Template(fine.visible, model, most=POINTS)
    best = template.fit(fine.infrared, start, ROUNDS)
    halves = [half.fit(fine.infrared, best.ir_from_vis, HALF_ROUNDS) for half in template.halves()]
    failed = min(fit.correlation for fit in (best, *halves)) < 0
    apart = fine.whole(np.linalg.inv(halves[0].ir_from_vis) @ halves[1].ir_from_vis)
    spread_px = float("inf") if failed else corner_distance_px(apart, np.eye(3), size) / 2
    vis_from_aligned = fine.whole(np.asarray(np.linalg.inv(best.ir_from_vis), np.float64))
    vis_from_aligned /= vis_from_aligned[2, 2]
    centre = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2, 1])
    moved = vis_from_aligned @ centre
    return Residual(
        vis_from_aligned=vis_from_aligned,
        shift_px=(float(moved[0] - centre[0]), float(moved[1] - centre[1])),
        scale=float(np.sqrt(abs(np.linalg.det(vis_from_aligned[:2, :2])))),
        corner_px=corner_distance_px(vis_from_aligned, np.eye(3), size),
        spread_px=spread_px,
        correlation=best.correlation,
    )


class _Level(NamedTuple):
    """Both pictures' structure at one size, and the (3, 3) that takes pixels of the whole size to it."""

    visible: Field
    infrared: Field
    level_from_whole: Matrix

    def within(self, whole: Matrix) -> Matrix:
        """A (3, 3) between whole pictures, between those of this size."""
        return np.asarray(self.level_from_whole @ whole @ np.linalg.inv(self.level_from_whole), np.float64)

    def whole(self, within: Matrix) -> Matrix:
        """A (3, 3) between pictures of this size, between whole ones."""
        return np.asarray(np.linalg.inv(self.level_from_whole) @ within @ self.level_from_whole, np.float64)


def _level(visible: Pixels, aligned: Pixels, width: int, smooth_px: float) -> _Level:
    shrink = max(1.0, visible.shape[1] / width)
    small, small_ir = reduced(visible, shrink), reduced(aligned, shrink)
    to_small = scaling(_size(visible), _size(small))
    return _Level(structure(small, smooth_px), structure(small_ir, smooth_px), to_small)


def _shift(tiny: _Level) -> Matrix:
    """(3, 3) ir_from_vis, the whole shift that correlates best."""
    reach = max(2, round(REACH_SHARE * tiny.visible.shape[1]))
    around = cv2.copyMakeBorder(tiny.visible, *(reach,) * 4, cv2.BORDER_CONSTANT)
    x, y = cv2.minMaxLoc(cv2.matchTemplate(around, tiny.infrared, cv2.TM_CCORR_NORMED))[3]
    return np.array([[1, 0, reach - x], [0, 1, reach - y], [0, 0, 1]], np.float64)


def _size(picture: Pixels) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]
