"""Where things go: straight courses with a speed that changes, repeated for ever."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

PERIOD_S = 48.0
"""After this time the street repeats [s]; everything enters and leaves out of sight in between."""
FADE_S = 1.6
FADE_BEYOND_M = 40.0
"""Time in which a thing appears where its course begins in sight, and goes where it ends [s]."""


@dataclass(frozen=True)
class Course:
    """A straight course that repeats every `PERIOD_S`.

    Attributes:
        start: World x, z where it begins [m].
        heading: Direction x, z, length 1.
        speeds: Time after the beginning [s] and speed [m/s], in order; the speed changes evenly between
            and the course ends at the last time. A single entry stands still for ever.
        starts_s: When in the period it begins [s].
    """

    start: tuple[float, float]
    heading: tuple[float, float]
    speeds: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    starts_s: float = 0.0

    @classmethod
    def steady(
        cls, start: tuple[float, float], end: tuple[float, float], speed_m_s: float, starts_s: float
    ) -> "Course":
        """A course from start to end at one speed."""
        length = math.dist(start, end)
        heading = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
        return cls(start, heading, ((0.0, speed_m_s), (length / speed_m_s, speed_m_s)), starts_s)

    @cached_property
    def _times_s(self) -> list[float]:
        return [time_s for time_s, _ in self.speeds]

    @cached_property
    def _gone_m(self) -> list[float]:
        gone = [0.0]
        for (t0, v0), (t1, v1) in zip(self.speeds, self.speeds[1:], strict=False):
            gone.append(gone[-1] + (t1 - t0) * (v0 + v1) / 2)
        return gone

    def travelled(self, time_s: float) -> float | None:
        """Metres from the start at a time [s], None while away."""
        if len(self.speeds) == 1:
            return 0.0
        t = (time_s - self.starts_s) % PERIOD_S
        if t > self.speeds[-1][0]:
            return None
        k = max(bisect_right(self._times_s, t) - 1, 0)
        if k + 1 == len(self.speeds):
            return self._gone_m[-1]
        (t0, v0), (t1, v1) = self.speeds[k], self.speeds[k + 1]
        return self._gone_m[k] + (t - t0) * (v0 + (v1 - v0) * (t - t0) / (t1 - t0) / 2)

    def fade(self, time_s: float) -> float:
        """How much of it is there at a time [s], 0 to 1: far away, nothing comes or goes at once.

        Near the camera a course begins and ends out of view.
        """
        if len(self.speeds) == 1:
            return 1.0
        t = (time_s - self.starts_s) % PERIOD_S
        fades = [1.0]
        if self.start[1] > FADE_BEYOND_M:
            fades.append(t / FADE_S)
        if self.start[1] + self.heading[1] * self._gone_m[-1] > FADE_BEYOND_M:
            fades.append((self.speeds[-1][0] - t) / FADE_S)
        return max(min(fades), 0.0)

    def at(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] at a time [s], None while away."""
        gone = self.travelled(time_s)
        if gone is None:
            return None
        return self.start[0] + gone * self.heading[0], self.start[1] + gone * self.heading[1]
