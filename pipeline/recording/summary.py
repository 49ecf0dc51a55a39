"""What a recording holds, in numbers: rates, gaps, skews, states and drops."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from irvis.clock import NS_PER_MS, NS_PER_S

from .channels import ContractMessage
from .reader import Recording

GAP = 1.6
"""An interval so many times the usual one is a gap: a frame is missing."""
BINS = 9
Bin: TypeAlias = tuple[float, float, int]
"""From, to [ms], and how many."""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """One channel: rate by the median interval, and where frames are missing."""

    name: str
    schema: str
    messages: int
    rate_hz: float | None
    gaps: int
    longest_gap_ms: float | None


@dataclass(frozen=True, slots=True)
class FusionFacts:
    """What the pair contracts say.

    Attributes:
        skews: Histogram of infrared minus visible stamps.
        states: Fused frames by infrared state.
        dropped: Drops by reason while it was recorded.
        engines: Fingerprints.
    """

    skews: list[Bin]
    states: dict[str, int]
    dropped: dict[str, int]
    engines: list[str]


def channel_facts(recording: Recording, channel: str) -> ChannelFacts:
    """Rate and gaps of one channel.

    Raises:
        RecordingError: The recording is damaged.
    """
    stamps_ns = np.array(recording.stamps(channel), np.int64)
    intervals_ns = np.diff(stamps_ns)
    rate_hz, gaps, longest_ms = None, 0, None
    usual_ns = float(np.median(intervals_ns)) if intervals_ns.size else 0.0
    if usual_ns > 0:
        rate_hz = NS_PER_S / usual_ns
        gaps = int(np.count_nonzero(intervals_ns > GAP * usual_ns))
        longest_ms = float(intervals_ns.max()) / NS_PER_MS if gaps else None
    schema = recording.schemas.get(channel, "")
    return ChannelFacts(channel, schema, recording.counts[channel], rate_hz, gaps, longest_ms)


def fusion_facts(contracts: Iterable[ContractMessage]) -> FusionFacts:
    """What the pair contracts of a recording, in order of their stamps, add up to."""
    skews_ms, states, engines = [], Counter[str](), dict[str, None]()
    before: dict[str, int] | None = None
    dropped = Counter[str]()
    for said in contracts:
        contract = said.contract
        if contract.skew_ns is not None:
            skews_ms.append(contract.skew_ns / NS_PER_MS)
        states[contract.infrared_state.value] += 1
        engines[contract.engine] = None
        if before is not None:
            # A restarted fusion node counts from zero again.
            for reason, count in contract.dropped.items():
                dropped[reason] += max(0, count - before.get(reason, 0))
        before = contract.dropped
    return FusionFacts(histogram(skews_ms), dict(states), dict(+dropped), list(engines))


def histogram(values_ms: list[float]) -> list[Bin]:
    """Even bins from the smallest value to the largest; one bin where all are equal.

    Example:
        >>> histogram([3.0, 3.0])
        [(3.0, 3.0, 2)]
        >>> len(histogram([0.0, 1.0, 9.0]))
        9
    """
    if not values_ms:
        return []
    low, high = min(values_ms), max(values_ms)
    if low == high:
        return [(low, high, len(values_ms))]
    counts, edges = np.histogram(values_ms, bins=BINS)
    return [(float(edges[n]), float(edges[n + 1]), int(count)) for n, count in enumerate(counts)]
