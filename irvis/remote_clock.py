"""Another host's clock: how far off it is, how fast it drifts, how sure that is, and when it was set."""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .clock import NS_PER_MS, NS_PER_S

SAMPLES_KEPT = 64
FIT_SPAN_NS = 5 * NS_PER_S
"""Drift is estimated once the samples span this long: over less, the network's jitter passes for drift."""
GOOD_DELAY_SHARE = 1.5
GOOD_DELAY_NS = NS_PER_MS // 5
USUAL_DRIFT_PPM = 100
"""What cheap oscillators drift at most; bounds an offset that was measured some time ago."""
JUMP_NS = 2 * NS_PER_MS
"""Disagreement beyond all uncertainty that means a clock was set."""


@dataclass(frozen=True, slots=True)
class ClockEstimate:
    """What is known of a remote clock.

    Attributes:
        at_ns: Local time that the offset is for [ns, Unix epoch].
        offset_ns: Remote clock minus local clock [ns].
        drift_ppm: How fast the offset grows [parts per million]; 0 while too little is known.
        uncertainty_ns: Half the round trip of the best exchange [ns]: the true offset is no further off.
        jumps: How often either clock was set since the tracking began.
    """

    at_ns: int
    offset_ns: int
    drift_ppm: float
    uncertainty_ns: int
    jumps: int

    def offset_at(self, local_ns: int) -> int:
        """The offset at another local time [ns]."""
        return self.offset_ns + round((local_ns - self.at_ns) * self.drift_ppm / 1e6)

    def to_local(self, remote_ns: int) -> int:
        """A remote stamp on the local clock [ns].

        Example:
            >>> ClockEstimate(0, offset_ns=500, drift_ppm=0.0, uncertainty_ns=10, jumps=0).to_local(1500)
            1000
        """
        return remote_ns - self.offset_at(remote_ns - self.offset_ns)

    def __str__(self) -> str:
        """For people.

        Example:
            >>> str(ClockEstimate(0, 3_200_000, 99.7, 140_000, 1))
            'offset +3.20 ms ± 0.14 ms, drift +99.7 ppm, set 1x'
        """
        was_set = f", set {self.jumps}x" if self.jumps else ""
        off, sure = self.offset_ns / NS_PER_MS, self.uncertainty_ns / NS_PER_MS
        return f"offset {off:+.2f} ms ± {sure:.2f} ms, drift {self.drift_ppm:+.1f} ppm{was_set}"


class _Sample(NamedTuple):
    at_ns: int
    offset_ns: int
    delay_ns: int


class ClockTracker:
    """Estimates a remote clock from request/reply exchanges: Cristian's method with a minimum-delay filter.

    In each exchange the remote clock is read between sending and receiving, so the true offset lies within half
    the round trip of the middle. The shortest round trips count; a line through them gives the drift. An exchange
    that contradicts that line beyond doubt means that a clock was set: the estimate begins again with it.
    """

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES_KEPT)
        self._jumps = 0
        self.estimate: ClockEstimate | None = None

    def add(self, sent_ns: int, remote_ns: int, received_ns: int) -> bool:
        """Take one exchange; True if it shows that a clock was set.

        Args:
            sent_ns: When the request left [ns, local clock].
            remote_ns: What the remote clock read [ns].
            received_ns: When the answer was there [ns, local clock].
        """
        middle_ns = (sent_ns + received_ns) // 2
        sample = _Sample(middle_ns, remote_ns - middle_ns, max(0, received_ns - sent_ns))
        jumped = self._contradicts(sample)
        if jumped:
            self._samples.clear()
            self._jumps += 1
        self._samples.append(sample)
        self.estimate = self._fit()
        return jumped

    def _contradicts(self, sample: _Sample) -> bool:
        known = self.estimate
        if known is None:
            return False
        off_ns = abs(sample.offset_ns - known.offset_at(sample.at_ns))
        return off_ns > sample.delay_ns // 2 + known.uncertainty_ns + JUMP_NS

    def _fit(self) -> ClockEstimate:
        newest = self._samples[-1]
        best = min(self._samples, key=lambda sample: sample.delay_ns)
        limit_ns = GOOD_DELAY_SHARE * best.delay_ns + GOOD_DELAY_NS
        good = [sample for sample in self._samples if sample.delay_ns <= limit_ns]
        if good[-1].at_ns - good[0].at_ns < FIT_SPAN_NS:
            return self._from_one(newest)
        # Relative to the best sample, so that the numbers are small enough for floats.
        times_ns = np.array([sample.at_ns - best.at_ns for sample in good], np.float64)
        offsets_ns = np.array([sample.offset_ns - best.offset_ns for sample in good], np.float64)
        slope, start_ns = np.polyfit(times_ns, offsets_ns, 1)
        offset_ns = best.offset_ns + round(start_ns + slope * (newest.at_ns - best.at_ns))
        return ClockEstimate(newest.at_ns, offset_ns, float(slope * 1e6), max(1, best.delay_ns // 2), self._jumps)

    def _from_one(self, newest: _Sample) -> ClockEstimate:
        """From the sample that bounds the offset best now: its bound widens with its age."""

        def bound_ns(sample: _Sample) -> float:
            return sample.delay_ns / 2 + (newest.at_ns - sample.at_ns) * USUAL_DRIFT_PPM / 1e6

        best = min(self._samples, key=bound_ns)
        drift_ppm = self.estimate.drift_ppm if self.estimate else 0.0  # being set leaves a clock's rate as it was
        offset_ns = best.offset_ns + round((newest.at_ns - best.at_ns) * drift_ppm / 1e6)
        return ClockEstimate(newest.at_ns, offset_ns, drift_ppm, max(1, round(bound_ns(best))), self._jumps)
