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
MOST_DRIFT_PPM = 300
"""More than any oscillator: bounds an offset that was measured some time ago; a steeper line is jitter."""
JUMP_NS = 2 * NS_PER_MS
"""Disagreement beyond all uncertainty that means a clock was set."""


@dataclass(frozen=True, slots=True)
class ClockEstimate:
    """What is known of a remote clock.

    Attributes:
        at_ns: Local time that the offset is for [ns, Unix epoch].
        offset_ns: Remote clock minus local clock [ns].
        drift_ppm: How fast the offset grows [parts per million]; 0 while too little is known.
        uncertainty_ns: The true offset is no further off [ns]: what all exchanges leave open.
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

    def reach_ns(self, now_ns: int) -> int:
        """How far from `offset_ns` the true offset can be now."""
        return self.delay_ns // 2 + round((now_ns - self.at_ns) * MOST_DRIFT_PPM / 1e6)


class ClockTracker:
    """Estimates a remote clock from request/reply exchanges: Cristian's method with a minimum-delay filter.

    In each exchange the remote clock is read between sending and receiving, so the true offset lies within half
    the round trip of the middle, and later within what a clock may have drifted since. What all exchanges allow
    bounds it; a line through those with the shortest round trips gives the drift. An exchange that another one
    rules out means that a clock was set: the estimate begins again with it.
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
        return any(
            abs(sample.offset_ns - other.offset_ns) > sample.delay_ns // 2 + other.reach_ns(sample.at_ns) + JUMP_NS
            for other in self._samples
        )

    def _fit(self) -> ClockEstimate:
        now_ns = self._samples[-1].at_ns
        least_ns = max(sample.offset_ns - sample.reach_ns(now_ns) for sample in self._samples)
        most_ns = min(sample.offset_ns + sample.reach_ns(now_ns) for sample in self._samples)
        # Being set leaves a clock's rate as it was.
        drift_ppm = self.estimate.drift_ppm if self.estimate else 0.0
        offset_ns = (least_ns + most_ns) // 2
        if line := self._line(now_ns):
            drift_ppm = line[1]
            offset_ns = max(least_ns, min(most_ns, line[0]))
        uncertainty_ns = max(1, abs(offset_ns - least_ns), abs(most_ns - offset_ns))
        return ClockEstimate(now_ns, offset_ns, drift_ppm, uncertainty_ns, self._jumps)

    def _line(self, now_ns: int) -> tuple[int, float] | None:
        """Offset now [ns] and drift [ppm] by a line through the best samples; None while it tells nothing."""
        best = min(self._samples, key=lambda sample: sample.delay_ns)
        limit_ns = GOOD_DELAY_SHARE * best.delay_ns + GOOD_DELAY_NS
        good = [sample for sample in self._samples if sample.delay_ns <= limit_ns]
        if good[-1].at_ns - good[0].at_ns < FIT_SPAN_NS:
            return None
        # Relative to the best sample, so that the numbers are small enough for floats.
        times_ns = np.array([sample.at_ns - best.at_ns for sample in good], np.float64)
        offsets_ns = np.array([sample.offset_ns - best.offset_ns for sample in good], np.float64)
        slope, start_ns = np.polyfit(times_ns, offsets_ns, 1)
        if abs(slope) > MOST_DRIFT_PPM / 1e6:
            return None
        return best.offset_ns + round(start_ns + slope * (now_ns - best.at_ns)), float(slope * 1e6)
