"""Registration of a whole pair, from coarse to fine, with a measure of its own uncertainty."""

from dataclasses import dataclass

import numpy as np

from ..frame import Pixels
from ..geometry import Matrix, scaling
from .fit import Fit, Template
from .model import FREEDOM, Model, corner_distance_px
from .search import search
from .structure import reduced, structure

COARSE_PX = 80
"""Width to search at; each finer level is twice as wide."""
FINEST_PX = 400
"""Widest level: infrared pictures seldom hold more, and noise would pull."""
SEARCH_SHARE = 0.06
"""Largest shift that is looked for, as a share of the width."""
SURE_SPREAD_PX = 1.0
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
    ir_from_vis = np.linalg.inv(start) if start is not None else _coarse(visible, infrared, widths[0], model)
    fits: list[Fit] = []
    for width in widths:
        shrink = size[0] / width
        small, small_own = reduced(visible, shrink), reduced(infrared, shrink * own_size[0] / size[0])
        to_small, to_own = _to(size, small), _to(own_size, small_own)
        there, here = structure(small), structure(small_own)
        began = to_own @ ir_from_vis @ np.linalg.inv(to_small)
        level_model: Model = "similarity" if width < widths[-1] and _may_turn(model) else model
        template = Template(there, level_model)
        whole = template.fit(here, began)
        ir_from_vis = np.linalg.inv(to_own) @ whole.ir_from_vis @ to_small
        if width == widths[-1]:
            fits = [half.fit(here, whole.ir_from_vis) for half in template.halves()]
            spread = _spread_px(fits, size, to_small)
    ir_from_vis /= ir_from_vis[2, 2]
    return Registration(np.asarray(np.linalg.inv(ir_from_vis), np.float64), whole.correlation, spread)


def _coarse(visible: Pixels, infrared: Pixels, width: int, model: Model) -> Matrix:
    size, own_size = (visible.shape[1], visible.shape[0]), (infrared.shape[1], infrared.shape[0])
    small, small_own = reduced(visible, size[0] / width), reduced(infrared, own_size[0] / width)
    there, here = structure(small), structure(small_own)
    reach = max(2, round(SEARCH_SHARE * width))
    may_turn = _may_turn(model)
    candidates = search(there, small_own, reach, turns=may_turn)
    template = Template(there, "similarity" if may_turn else model)
    best = max((template.fit(here, candidate) for candidate in candidates), key=lambda fit: fit.correlation)
    matrix: Matrix = np.linalg.inv(_to(own_size, small_own)) @ best.ir_from_vis @ _to(size, small)
    return matrix


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
