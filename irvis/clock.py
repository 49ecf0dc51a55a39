"""Wall-clock stamps and pacing."""

import time

from .errors import ConfigError

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


def now_ns() -> int:
    """Unix epoch time on this host's clock [ns]."""
    return time.time_ns()


class Pacer:
    """Lets a source that is faster than real time keep its own stamps' pace.

    Args:
        rate: Media seconds per wall-clock second; 0 is as fast as the consumer takes frames.

    Raises:
        ConfigError: The rate is negative.
    """

    def __init__(self, rate: float = 1.0) -> None:
        if rate < 0:
            raise ConfigError(f"pace {rate}: expected 0 (as fast as possible) or a positive rate")
        self._rate = rate
        self._start: tuple[float, int] | None = None

    def delay_s(self, media_ns: int) -> float:
        """How long to wait [s] until the frame of this media time is due; never negative."""
        if not self._rate:
            return 0.0
        if self._start is None:
            self._start = time.monotonic(), media_ns
        start_s, first_ns = self._start
        due_s = start_s + (media_ns - first_ns) / NS_PER_S / self._rate
        return max(0.0, due_s - time.monotonic())

    def due_ns(self) -> int | None:
        """The media time that is due now [ns]; None before the first frame, and where there is no pace to keep."""
        if not self._rate or self._start is None:
            return None
        start_s, first_ns = self._start
        return first_ns + round((time.monotonic() - start_s) * self._rate * NS_PER_S)
