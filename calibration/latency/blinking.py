"""When a lamp switches, by one camera: the gap between two of its frames in which each switch took place.

A frame that saw the lamp half lit tells more than the gap: how far its exposure was over. How long exposures are
is told by how many switches fall into one.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from irvis.geometry import Matrix

DARK = 0.15
"""Of the lamp's brightness: less is dark, and as near to the whole is lit."""
EXACT_S = 0.001
EXACT_SHARE = 0.1
"""Of an exposure: how well a half lit frame tells where in it the lamp switched, besides `EXACT_S`."""
STEP_S = 0.0005
STRAY = 0.02
"""Likelihood [1/s] left to lags that a switch speaks against: one that was taken wrongly must not decide."""


class Switch(NamedTuple):
    """The lamp went on or off, between two times [s] on the axis of frames' stamps."""

    is_on: bool
    after_s: float
    before_s: float


def switches(times_s: Matrix, levels: Matrix) -> list[Switch]:
    """When a lamp switched.

    Args:
        times_s: (N,) stamps [s].
        levels: (N, cells) mean brightness of the picture's parts.
    """
    lit = _lit(levels)
    state = np.where(lit < DARK, 0, np.where(lit > 1 - DARK, 1, -1))
    sure = np.flatnonzero(state >= 0)
    changes = [(int(a), int(b)) for a, b in pairwise(sure) if state[a] != state[b]]
    halves = sum(b - a == 2 for a, b in changes)
    exposed_s = float(np.median(np.diff(times_s))) * min(halves / max(len(changes), 1) / (1 - 2 * DARK), 1.0)
    blind_s = (0.5 - DARK) * exposed_s
    near_s = EXACT_S + EXACT_SHARE * exposed_s
    found = []
    for a, b in changes:
        is_on = bool(state[b])
        after_s, before_s = float(times_s[a]), float(times_s[b])
        if b - a == 1:
            after_s, before_s = after_s + blind_s, before_s - blind_s
        elif b - a == 2:
            after = 0.5 - (lit[a + 1] if is_on else 1 - lit[a + 1])
            exact_s = float(times_s[a + 1] + exposed_s * after)
            after_s, before_s = exact_s - near_s, exact_s + near_s
        found.append(Switch(is_on, after_s, before_s))
    return found


def switches_lag_s(one: Sequence[Switch], other: Sequence[Switch], about_s: float, most_s: float) -> float | None:
    """By how much the second camera's switches come later: the mean of all lags by their likelihood.

    A switch is as likely anywhere in its gap, so a lag is as likely as the gaps overlap once it is taken off.

    Args:
        one: A camera's.
        other: The other's.
        about_s: The lag, roughly.
        most_s: How far it may be from that.

    Returns:
        The lag [s]; None where no switch is seen by both.
    """
    lags = about_s + np.arange(-most_s, most_s + STEP_S / 2, STEP_S)
    likely = np.zeros(len(lags))
    shared = 0
    for is_on, after_s, before_s in one:
        there = [
            each
            for each in other
            if each.is_on == is_on
            and each.before_s > after_s + about_s - most_s
            and each.after_s < before_s + about_s + most_s
        ]
        if len(there) != 1:
            continue
        shared += 1
        _, from_s, to_s = there[0]
        overlap_s = np.minimum(before_s + lags, to_s) - np.maximum(after_s + lags, from_s)
        likely += np.log(np.clip(overlap_s, 0, None) / ((before_s - after_s) * (to_s - from_s)) + STRAY)
    if not shared:
        return None
    weights = np.exp(likely - likely.max())
    return float((weights * lags).sum() / weights.sum())


def _lit(levels: Matrix) -> Matrix:
    """(N,) how much of the lamp is lit, about 0 to 1, from all parts of the picture that go with it."""
    changes = levels - np.median(levels, axis=0)
    _, _, ways = np.linalg.svd(changes, full_matrices=False)
    way = ways[0] * np.sign(ways[0][np.abs(ways[0]).argmax()])
    bright = changes @ way
    middle = (bright.min() + bright.max()) / 2
    low, high = np.median(bright[bright <= middle]), np.median(bright[bright >= middle])
    lit: Matrix = (bright - low) / max(float(high - low), 1e-12)
    return lit
