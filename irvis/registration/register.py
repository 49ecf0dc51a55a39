"""Registration of a whole pair, from coarse to fine, with a measure of its own uncertainty."""

from dataclasses import dataclass

import numpy as np

from ..frame import Pixels
from ..geometry import Matrix, scaling
from .fit import MOST_POINTS, Fit, Template
from .model import FREEDOM, Model, corner_distance_px
from .search import search
from .structure import reduced, structure

COARSE_PX = 80
"""Width to search at; each finer level is twice as wide."""
FINEST_PX = 400
"""Widest level: infrared pictures seldom hold more, and noise would pull."""
SEARCH_SHARE = 0.06
"""Largest shift that is looked for, as a share of the width."""
FOLLOW = 3
"""Candidates that are followed from one level to the next."""
SAME_PX = 0.5
FEW_POINTS = 5000
"""Points to look at before the finest level."""
SURE_SPREAD_PX = 1.5
SURE_CORRELATION = 0.15


@dataclass(frozen=True)
class Registration:
    """How an infrared picture lies on a visible one.

    Attributes:
        vis_from_ir: (3, 3) homography, pixel centres at integers.
        correlation: Of the two pictures' structure, -1 to 1.
        spread_px: How far two halves of the picture disagree about the visible picture's corners [px]: half their
            mean distance.
    """

    vis_from_ir: Matrix
    correlation: float
    spread_px: float

    @property
    def is_sure(self) -> bool:
        """Whether both halves agree, and there was enough to agree on."""
        return self.spread_px <= SURE_SPREAD_PX and self.correlation >= SURE_CORRELATION


def register(
    visible: Pixels, infrared: Pixels, model: Model = "similarity", start: Matrix | None = None
) -> Registration:
    """Find how the infrared picture lies on the visible one.

    Args:
        visible: (H, W) uint8.
        infrared: (H', W') uint8, of any size; taken as seeing the same field of view, give or take the search.
        model: What may differ: a similarity is the most that most pairs can tell.
        start: (3, 3) vis_from_ir that is known to be near, instead of the search.
    """
    size, own_size = (visible.shape[1], visible.shape[0]), (infrared.shape[1], infrared.shape[0])
    widths = _widths(size[0])
    candidates = [np.linalg.inv(start)] if start is not None else []
    for width in widths:
        is_finest = width == widths[-1]
        shrink = size[0] / width
        small, small_own = reduced(visible, shrink), reduced(infrared, shrink * own_size[0] / size[0])
        to_small, to_own = _to(size, small), _to(own_size, small_own)
        there, here = structure(small), structure(small_own)
        if not candidates:
            found = search(there, small_own, max(2, round(SEARCH_SHARE * width)), turns=_may_turn(model))
            candidates = [np.linalg.inv(to_own) @ each @ to_small for each in found]
        level_model: Model = "similarity" if not is_finest and _may_turn(model) else model
        template = Template(there, level_model, most=MOST_POINTS if is_finest else FEW_POINTS)
        fits = [template.fit(here, to_own @ each @ np.linalg.inv(to_small)) for each in candidates]
        fits = _apart(fits, (small.shape[1], small.shape[0]))[: 1 if is_finest else FOLLOW]
        candidates = [np.linalg.inv(to_own) @ fit.ir_from_vis @ to_small for fit in fits]
    halves = [half.fit(here, fits[0].ir_from_vis) for half in template.halves()]
    vis_from_ir: Matrix = np.linalg.inv(candidates[0])
    vis_from_ir /= vis_from_ir[2, 2]
    return Registration(vis_from_ir, fits[0].correlation, _spread_px(halves, size, to_small))


def _apart(fits: list[Fit], size: tuple[int, int]) -> list[Fit]:
    """The fits that differ, those that correlate best first."""
    kept: list[Fit] = []
    for fit in sorted(fits, key=lambda each: -each.correlation):
        if all(corner_distance_px(fit.ir_from_vis, each.ir_from_vis, size) > SAME_PX for each in kept):
            kept.append(fit)
    return kept


def _may_turn(model: Model) -> bool:
    return FREEDOM[model] >= FREEDOM["similarity"]


def _widths(width: int) -> list[int]:
    """From the coarse level to the finest, each twice as wide."""
    finest = min(width, FINEST_PX)
    widths = [finest]
    while widths[0] > 1.5 * COARSE_PX:
        widths.insert(0, round(widths[0] / 2))
    return widths


def _to(size: tuple[int, int], small: Pixels) -> Matrix:
    return scaling(size, (small.shape[1], small.shape[0]))


def _spread_px(fits: list[Fit], size: tuple[int, int], to_small: Matrix) -> float:
    if any(fit.correlation < 0 for fit in fits):
        return float("inf")
    vis_from_vis = np.linalg.inv(to_small) @ np.linalg.inv(fits[0].ir_from_vis) @ fits[1].ir_from_vis @ to_small
    return corner_distance_px(vis_from_vis, np.eye(3), size) / 2
