"""The constant latency between two cameras, from when each of them sees things move or blink."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from irvis.errors import DataError

from .blinking import switches_lag_s
from .motion import MotionSignal, lag_s

FEWEST_S = 3.0
SURE = 0.3
PARTS = 2
TELLING_SHARE = 0.75
"""Of the whole's correlation: a part that has less says nothing."""
AGREE_MS = 15.0
NEAR_S = 0.05
"""How far the frames' changes alone may be off: the switches of a lamp are looked for about there."""


@dataclass(frozen=True)
class Latency:
    """How much later the infrared says that it saw a thing than the visible does.

    Attributes:
        delay_ms: Positive where the infrared's stamps are late.
        spread_ms: How far the halves of the recording in which something happens are from it at most.
        correlation: Of what happens in the two recordings, -1 to 1.
    """

    delay_ms: float
    spread_ms: float
    correlation: float


def latency(visible: MotionSignal, infrared: MotionSignal, most_ms: float = 300.0) -> Latency:
    """Find the latency.

    Args:
        visible: The visible camera's signal.
        infrared: The infrared camera's, over the same seconds.
        most_ms: Largest latency to look for.

    Raises:
        DataError: The recordings are too short, or too little in them happens to both cameras at once.
    """
    most_s = most_ms / 1000
    start, end = _overlap_s(visible, infrared)
    if end - start < FEWEST_S + 2 * most_s:
        raise DataError(
            f"the two cameras were recorded together for {max(end - start, 0):.1f} s; expected "
            f"{FEWEST_S + 2 * most_s:.1f} or more, 20 are good"
        )
    delay_s, correlation = _lag_s(visible, infrared, most_s, (start + most_s, end - most_s))
    edges = np.linspace(start + most_s, end - most_s, PARTS + 1)
    parts = [_lag_s(visible, infrared, most_s, (float(a), float(b))) for a, b in pairwise(edges)]
    telling = [part for part, alike in parts if alike >= TELLING_SHARE * correlation] or [most_s]
    spread_ms = 1000 * max(abs(part - delay_s) for part in telling)
    if correlation < SURE or spread_ms > AGREE_MS:
        raise DataError(
            f"what the two cameras see happen has too little in common (correlation {correlation:.2f}, "
            f"expected {SURE}; parts of the recording disagree by {spread_ms:.0f} ms, expected {AGREE_MS:g}): "
            "move something warm and bright through both pictures, with stops, or blink a lamp (--by blinking)"
        )
    return Latency(1000 * delay_s, spread_ms, correlation)


def _lag_s(
    visible: MotionSignal, infrared: MotionSignal, most_s: float, span_s: tuple[float, float]
) -> tuple[float, float]:
    """The lag [s] and the correlation; of a lamp, the lag of its switches."""
    about_s, correlation = lag_s(visible, infrared, most_s, span_s)
    within = [each for each in visible.switches() if span_s[0] <= each.after_s and each.before_s <= span_s[1]]
    refined = switches_lag_s(within, infrared.switches(), about_s, NEAR_S)
    return about_s if refined is None else refined, correlation


def _overlap_s(one: MotionSignal, other: MotionSignal) -> tuple[float, float]:
    if len(one.times_s) < 2 or len(other.times_s) < 2:
        return 0.0, 0.0
    return float(max(one.times_s[0], other.times_s[0])), float(min(one.times_s[-1], other.times_s[-1]))
