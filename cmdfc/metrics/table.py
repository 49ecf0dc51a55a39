"""The fusion metrics in the order that papers print them, and all of them for one pair.

Family Z of the published implementations, the one that CDDFuse, EMMA and most papers since report:
gray levels 0..255, MI in nats, VIF and SSIM summed over both sources. Figures compare only within
one family. Copying the visible picture beats most networks on some sums, so each sum comes with its
two parts: `_ir` is the one that copying cannot win.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .average_gradient import average_gradient
from .correlation import correlation_coefficient, sum_of_correlations_of_differences
from .deviation import standard_deviation
from .entropy import entropy
from .images import Gray, checked
from .mutual_information import mutual_information
from .qabf import edge_preservation
from .spatial_frequency import spatial_frequency
from .ssim import ssim
from .vif import visual_information_fidelity


@dataclass(frozen=True)
class Metric:
    """One metric: its name in papers, what it says, and how it is taken. More is better in all."""

    name: str
    meaning: str
    takes: Literal["fused", "each source", "all"]
    """The fused picture alone; the fused and one source, summed over both; or all three at once."""
    measure: Callable[..., float]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its figures: its own, and those of its parts where it is a sum."""
        if self.takes == "each source":
            return self.name, f"{self.name}_ir", f"{self.name}_vis"
        return (self.name,)

    def figures(self, fused: Gray, infrared: Gray, visible: Gray) -> tuple[float, ...]:
        """Take the metric on (H, W) gray pictures, 0..255: one figure for each of its columns."""
        if self.takes == "fused":
            return (self.measure(fused),)
        if self.takes == "all":
            return (self.measure(fused, infrared, visible),)
        parts = self.measure(fused, infrared), self.measure(fused, visible)
        return sum(parts), *parts


METRICS = (
    Metric("EN", "entropy of the gray levels [bit]", "fused", entropy),
    Metric("SD", "contrast [gray levels]", "fused", standard_deviation),
    Metric("SF", "steps between neighbours [gray levels]", "fused", spatial_frequency),
    Metric("AG", "mean gradient [gray levels per pixel]", "fused", average_gradient),
    Metric("MI", "levels of the sources told by the fused ones [nat]", "each source", mutual_information),
    Metric("SCD", "what one source lacks is what the other gave", "all", sum_of_correlations_of_differences),
    Metric("VIF", "information of the sources kept", "each source", visual_information_fidelity),
    Metric("Qabf", "edges of the sources kept", "all", edge_preservation),
    Metric("SSIM", "structure shared with the sources", "each source", ssim),
    Metric("CC", "correlation with the sources", "all", correlation_coefficient),
)
"""Every fusion metric, in the order of the published tables."""

COLUMNS = tuple(column for metric in METRICS for column in metric.columns)
"""The names of the figures that `evaluate_pair` gives, in order."""


def evaluate_pair(fused_gray: Gray, infrared: Gray, visible_gray: Gray) -> dict[str, float]:
    """Take every metric on one fused picture and its two sources.

    The gray pictures are those of `gray_from_bgr`: the gray of the finished colour picture, not
    the network's luma, since clipping to 8-bit colours changes it.

    Args:
        fused_gray: (H, W), 0..255, at least 41x41 (VIF's four scales).
        infrared: (H, W), 0..255.
        visible_gray: (H, W), 0..255.

    Returns:
        A figure for each of `COLUMNS`, in that order. SCD is NaN where the fused picture is one of
        the sources; SCD and CC are NaN where a picture is flat, Qabf where both sources are black.

    Raises:
        ValueError: pictures of different shapes, not (H, W), too small, or outside 0..255.

    Example:
        >>> import numpy as np
        >>> ramp = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
        >>> round(evaluate_pair(ramp, ramp, ramp.T)["VIF_ir"], 6)
        1.0
    """
    pictures = checked(fused_gray, infrared, visible_gray)
    figures: dict[str, float] = {}
    for metric in METRICS:
        figures.update(zip(metric.columns, metric.figures(*pictures), strict=True))
    return figures


def mean_over_pairs(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Average the figures of many pairs, as published tables do.

    A figure that is NaN for any pair is NaN in the mean: leaving that pair out would average this
    column over other pictures than its neighbours.

    Args:
        rows: what `evaluate_pair` gave, at least one.

    Returns:
        The mean of each figure, in the order of the first row.

    Raises:
        ValueError: no rows, or rows that name different figures.

    Example:
        >>> mean_over_pairs([{"EN": 6.0, "SCD": 1.0}, {"EN": 7.0, "SCD": float("nan")}])
        {'EN': 6.5, 'SCD': nan}
    """
    listed = list(rows)
    if not listed:
        raise ValueError("expected at least one pair to average over, got none")
    for row in listed:
        if row.keys() != listed[0].keys():
            raise ValueError(f"expected the figures {list(listed[0])} in every row, got {list(row)}")
    return {name: math.fsum(row[name] for row in listed) / len(listed) for name in listed[0]}
