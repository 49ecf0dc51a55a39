"""Stage timers, latency percentiles, rates and drop accounting."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

PERCENTILES = (50, 95, 99)


class Percentiles:
    """The newest durations, summed up as p50, p95 and p99.

    Args:
        capacity: How many to keep; older ones are forgotten.
    """

    def __init__(self, capacity: int = 8192) -> None:
        self._values_ms: deque[float] = deque(maxlen=capacity)

    def add(self, value_ms: float) -> None:
        """Take one duration [ms]."""
        self._values_ms.append(value_ms)

    def __len__(self) -> int:
        return len(self._values_ms)

    def summary(self) -> dict[str, float]:
        """{"p50", "p95", "p99"} [ms]; empty before the first duration.

        Example:
            >>> durations = Percentiles()
            >>> for ms in (1, 2, 3): durations.add(ms)
            >>> durations.summary()["p50"]
            2.0
        """
        if not self._values_ms:
            return {}
        values = np.percentile(np.fromiter(self._values_ms, float), PERCENTILES)
        return {f"p{p}": round(float(v), 3) for p, v in zip(PERCENTILES, values, strict=True)}


class RateMeter:
    """Frames per second over the last seconds, and over the whole run."""

    def __init__(self, window_s: float = 2.0) -> None:
        self._window_s = window_s
        self._recent: deque[float] = deque()
        self._first_s: float | None = None
        self._last_s = 0.0
        self.count = 0

    def tick(self) -> None:
        """Count one frame, now."""
        now_s = time.monotonic()
        if self._first_s is None:
            self._first_s = now_s
        self._last_s = now_s
        self.count += 1
        self._recent.append(now_s)
        self._forget(now_s)

    def recent_fps(self) -> float:
        """Frames per second in the window that ends now."""
        now_s = time.monotonic()
        self._forget(now_s)
        if len(self._recent) < 2:
            return 0.0
        return (len(self._recent) - 1) / max(1e-9, now_s - self._recent[0])

    def mean_fps(self) -> float:
        """Frames per second from the first frame to the last."""
        if self._first_s is None or self.count < 2:
            return 0.0
        return (self.count - 1) / max(1e-9, self._last_s - self._first_s)

    def _forget(self, now_s: float) -> None:
        while self._recent and now_s - self._recent[0] > self._window_s:
            self._recent.popleft()


class StageTimer:
    """Time spent on one frame, by stage.

    Example:
        >>> stages = StageTimer()
        >>> with stages("align"): pass
        >>> list(stages.spent_ms)
        ['align']
    """

    def __init__(self) -> None:
        self.spent_ms: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time the block under this name."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            self.spent_ms[stage] = round((time.perf_counter() - start_s) * 1000, 3)


DropCounter = Counter[str]
"""Frames that were not used, by reason."""
