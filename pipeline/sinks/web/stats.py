"""How one rig's stream is doing, summed up for the page's strip a few times a second."""

import threading
import time
from collections import deque
from typing import Any

from irvis.clock import NS_PER_MS
from irvis.frame import FusedFrame
from irvis.timing import Percentiles, RateMeter

from ...transport.gaps import NOT_A_PICTURE

HISTORY = 240
"""Summaries kept for browsers that come later: two minutes."""
LATENCY_FRAMES = 256
MOST_SKIPPED = 32
"""A restart of the fusion node counts its drops from zero again: no rate is made of that."""


class StreamStats:
    """Takes frames on one thread and sums them up on another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rate = RateMeter()
        self._latency = Percentiles(LATENCY_FRAMES)
        self._newest: FusedFrame | None = None
        self._newest_s = time.monotonic()
        self.history: deque[dict[str, Any]] = deque(maxlen=HISTORY)

    def take(self, frame: FusedFrame) -> None:
        """Count a frame, and those that were published since the last one but skipped on the way."""
        with self._lock:
            for _ in range(_published_since(self._newest, frame)):
                self._rate.tick()
            self._latency.add((frame.published_ns - frame.captured_ns) / NS_PER_MS)
            self._newest, self._newest_s = frame, time.monotonic()

    def summary(self) -> dict[str, Any]:
        """What the strip shows, for JSON; `state` is None before the first frame."""
        with self._lock:
            frame, silent_s = self._newest, time.monotonic() - self._newest_s
            fps, latency_ms = self._rate.recent_fps(), self._latency.summary()
        summary: dict[str, Any] = {"fps": round(fps, 1), "silent_s": round(silent_s, 1), "state": None}
        if frame is None:
            return summary
        contract = frame.contract
        return summary | {
            "state": contract.infrared_state.value,
            "latency_p50_ms": latency_ms["p50"],
            "latency_p95_ms": latency_ms["p95"],
            "skew_ms": None if contract.skew_ns is None else contract.skew_ns / NS_PER_MS,
            "dropped": contract.dropped,
            "drops": sum(contract.dropped.values()),
            "engine": contract.engine,
            "rig_id": contract.rig_id,
            "visible_lost": contract.visible_lost,
            "residual_px": contract.registration and contract.registration.residual_px,
            "misaligned": contract.registration is not None and contract.registration.is_alarm,
        }

    def remember(self) -> None:
        """Sum up for the history."""
        self.history.append(self.summary())


def _published_since(last: FusedFrame | None, frame: FusedFrame) -> int:
    """How many fused frames were published after `last`: visible frames that came less those that were dropped."""
    if last is None or last.stream_id != frame.stream_id:
        return 1
    published = frame.seq - last.seq - (_not_fused(frame) - _not_fused(last))
    return min(max(1, published), MOST_SKIPPED)


def _not_fused(frame: FusedFrame) -> int:
    dropped = frame.contract.dropped
    return sum(count for reason, count in dropped.items() if not reason.startswith(NOT_A_PICTURE))
