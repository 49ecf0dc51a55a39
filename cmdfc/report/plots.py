"""Strip plots as small SVG drawings: one dot per pair, one row per output, a bar at the mean."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..outputs import Role
from .tables import figure

WIDTH = 420
LABELS_WIDTH = 118
FIGURES_WIDTH = 52
ROW_HEIGHT = 24
TOP = 8
AXIS_HEIGHT = 22
SPREAD = 0.32
"""Part of a row's height that dots are moved up or down, so that they don't hide each other."""
GOLDEN = 0.618034
MOST_TICKS = 5
LONGEST_LABEL = 18


@dataclass(frozen=True)
class Strip:
    """The figures of one output, by pair; NaN is left out."""

    output: str
    role: Role
    figures: Mapping[str, float]


def strip_plot(column: str, strips: Sequence[Strip]) -> str:
    """Draw the figures of one metric.

    Args:
        column: The metric.
        strips: One row for each.

    Returns:
        An <svg> whose colours are set by the page: classes `dots`, `mean`, `grid`, and one for each role.
    """
    values = [v for strip in strips for v in strip.figures.values() if not math.isnan(v)]
    ticks = nice_ticks(min(values, default=0.0), max(values, default=1.0))
    low, high = min([ticks[0], *values]), max([ticks[-1], *values])
    left, right = LABELS_WIDTH + 6, WIDTH - FIGURES_WIDTH - 6
    bottom = TOP + ROW_HEIGHT * len(strips)

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {bottom + AXIS_HEIGHT}" role="img" aria-label="{escape(column)} by pair">'
    ]
    for tick in ticks:
        parts.append(f'<path class="grid" d="M{x(tick):.1f} {TOP}V{bottom}"/>')
        parts.append(f'<text class="tick" x="{x(tick):.1f}" y="{bottom + 15}">{tick:g}</text>')
    for row, strip in enumerate(strips):
        parts += _row(column, strip, TOP + ROW_HEIGHT * (row + 0.5), x)
    return "".join([*parts, "</svg>"])


def nice_ticks(low: float, high: float) -> list[float]:
    """Round numbers within a range, at most `MOST_TICKS`, at least two.

    Example:
        >>> nice_ticks(0.83, 1.31)
        [0.9, 1.0, 1.1, 1.2, 1.3]
        >>> nice_ticks(3, 3)
        [2.6, 2.8, 3.0, 3.2, 3.4]
    """
    if high <= low:
        low, high = low - 0.5, high + 0.5
    steps = (factor * 10.0**power for power in range(-12, 12) for factor in (1, 2, 5))
    for step in steps:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < MOST_TICKS:
            break
    if last <= first:
        return [low, high]
    return [round(i * step, 12) for i in range(first, last + 1)]


def _row(column: str, strip: Strip, y: float, x: Callable[[float], float]) -> list[str]:
    label = strip.output if len(strip.output) <= LONGEST_LABEL else strip.output[: LONGEST_LABEL - 1] + "…"
    known = {pair: value for pair, value in strip.figures.items() if not math.isnan(value)}
    parts = [
        f'<g class="{strip.role}">',
        f'<text class="name" x="{LABELS_WIDTH}" y="{y + 4:.1f}">{escape(label)}</text>',
    ]
    if len(known) < len(strip.figures) or not known:
        parts.append(f'<text class="figure" x="{WIDTH}" y="{y + 4:.1f}">undefined</text>')
        return [*parts, "</g>"]
    mean = math.fsum(known.values()) / len(known)
    worst, best = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    told = (
        f"{strip.output}: mean {figure(column, mean)}, from {figure(column, known[worst])} ({worst}) "
        f"to {figure(column, known[best])} ({best})"
    )
    # One path for all dots, each a line of no length with round ends: a tenth of the size of circles.
    dots = "".join(
        f"M{x(value):.1f} {y + ROW_HEIGHT * SPREAD * (2 * (i * GOLDEN % 1) - 1):.1f}h0"
        for i, value in enumerate(known.values())
    )
    parts += [
        f"<title>{escape(told)}</title>",
        f'<rect class="touch" x="0" y="{y - ROW_HEIGHT / 2:.1f}" width="{WIDTH}" height="{ROW_HEIGHT}"/>',
        f'<path class="dots" d="{dots}"/>',
        f'<path class="mean" d="M{x(mean):.1f} {y - 0.42 * ROW_HEIGHT:.1f}v{0.84 * ROW_HEIGHT:.1f}"/>',
        f'<text class="figure" x="{WIDTH}" y="{y + 4:.1f}">{figure(column, mean)}</text>',
    ]
    return [*parts, "</g>"]
