"""Which pairs a reader is shown: dark and bright ones, from the worst to the best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..evaluate import Evaluation

DARK_BELOW = 60.0
"""A visible picture of a lower mean gray level is a dark one."""
RANKED_BY = "VIF"


@dataclass(frozen=True)
class Choice:
    """A pair that is shown, and its place among the pairs of its kind.

    Attributes:
        pair: Its name.
        dark: Whether its visible picture is.
        rank: 1 where the first output has its lowest VIF of this kind of pair, `of` where the highest.
        of: Pairs of this kind.
    """

    pair: str
    dark: bool
    rank: int
    of: int


def choose_pairs(evaluation: Evaluation, count: int) -> list[Choice]:
    """Choose pairs, half of them dark if there are as many, evenly spread over the ranks of the first output.

    Returns:
        `count` choices or as many as there are pairs: dark ones first, in each half the worst one first.
    """
    rows = evaluation.scores[evaluation.outputs[0].name].rows
    ranked = sorted(rows, key=lambda pair: rows[pair][RANKED_BY])
    dark = [pair for pair in ranked if evaluation.brightness[pair] < DARK_BELOW]
    bright = [pair for pair in ranked if evaluation.brightness[pair] >= DARK_BELOW]
    darks = min(len(dark), max(-(-count // 2), count - len(bright)))
    return [*_spread(dark, darks, True), *_spread(bright, count - darks, False)]


def _spread(ranked: Sequence[str], count: int, dark: bool) -> list[Choice]:
    places = np.linspace(0, len(ranked) - 1, min(count, len(ranked))).round().astype(int)
    return [Choice(ranked[place], dark, int(place) + 1, len(ranked)) for place in places]
