"""The residual of a pair that should already lie on each other: cheap enough for once a second."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..frame import Pixels
from ..geometry import Matrix, scaling
from .fit import Template
from .model import Model, corner_distance_px
from .search import search
from .structure import reduced, structure

WIDTH_PX = 240
POINTS = 2500
ROUNDS, HALF_ROUNDS = 6, 3
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
    shrink = max(1.0, size[0] / WIDTH_PX)
    small, small_ir = reduced(visible, shrink), reduced(aligned, shrink)
    to_small = scaling(size, _size(small))
    there, here = structure(small), structure(small_ir)
    coarse = max(1.0, size[0] / SEARCH_PX)
    tiny, tiny_ir = reduced(visible, coarse), reduced(aligned, coarse)
    start = search(structure(tiny), tiny_ir, max(2, round(REACH_SHARE * tiny.shape[1])), turns=False)[0]
    step = scaling(_size(tiny), _size(small))
    template = Template(there, model, most=POINTS)
    starts = [template.fit(here, began, 1) for began in (np.eye(3), step @ start @ np.linalg.inv(step))]
    nearest = max(starts, key=lambda fit: fit.correlation)
    best = template.fit(here, nearest.ir_from_vis, ROUNDS)
    halves = [half.fit(here, best.ir_from_vis, HALF_ROUNDS) for half in template.halves()]
    failed = min(fit.correlation for fit in (best, *halves)) < 0
    apart = np.linalg.inv(halves[0].ir_from_vis) @ halves[1].ir_from_vis
    spread_px = float("inf") if failed else corner_distance_px(apart, np.eye(3), _size(small)) * shrink / 2
    vis_from_aligned: Matrix = np.linalg.inv(to_small) @ np.linalg.inv(best.ir_from_vis) @ to_small
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


def _size(picture: Pixels) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]
