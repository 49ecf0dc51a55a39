"""Which infrared frame belongs to which visible frame: approximate-time matching that accounts for every frame."""

from collections.abc import Iterator
from typing import NamedTuple

from irvis.clock import NS_PER_MS
from irvis.frame import Frame, FramePair, InfraredState, Modality
from irvis.settings import Sync
from irvis.timing import DropCounter

from .camera_queue import CameraQueue, Entry

JITTER_NS = 2 * NS_PER_MS
"""How much later than its slowest frames so far a camera's next frame is still waited for."""


class PairSync:
    """Pairs each visible frame with its nearest infrared frame; has no clock and no thread of its own.

    A visible frame is used at most once and in order; an infrared frame may serve several. A visible frame is
    decided as soon as no infrared frame that may still come can be nearer. On a `latest` link the infrared's usual
    period and latency tell that, and `wait_ms` bounds the wait; on a `lossless` link only stamps that came do.

    - Nearest infrared frame within `slop_ms`, or the one of the same trigger with `by: trigger`: the pair is LIVE.
    - Else the last infrared frame before the visible one, within `hold_ms`: HELD.
    - Else LOST: a pair without infrared, or no pair but a count with `on_lost: drop`.

    Args:
        settings: The `sync` section.

    Attributes:
        dropped: Frames that were not used, by reason; each reason begins with the modality.
        waited_ms: How long the last pair's visible frame waited for its infrared [ms].
    """

    def __init__(self, settings: Sync) -> None:
        self.dropped = DropCounter()
        self.waited_ms = 0.0
        self._lossless = settings.link == "lossless"
        self._by_trigger = settings.by == "trigger"
        self._drop_lost = settings.on_lost == "drop"
        self._slop_ns = round(settings.slop_ms * NS_PER_MS)
        self._hold_ns = round(settings.hold_ms * NS_PER_MS)
        self._wait_ns = round(settings.wait_ms * NS_PER_MS)
        self._queue_size = settings.queue_size
        self._visible = CameraQueue(Modality.VISIBLE, self.dropped)
        self._infrared = CameraQueue(Modality.INFRARED, self.dropped)
        self._decided: _Place | None = None

    def push(self, frame: Frame, now_ns: int) -> None:
        """Take a frame of either camera.

        Args:
            frame: With the stamp by which it is matched.
            now_ns: Time on any steady clock [ns], the one that `pop` is given too.
        """
        queue = self._queue(frame.modality)
        began_again = queue.push(frame, now_ns)
        if began_again and queue is self._visible:
            self._decided = None
        self._forget_infrared()
        if not self._lossless:
            queue.shorten(self._queue_size)

    def pop(self, now_ns: int) -> FramePair | None:
        """The next pair; None while the next visible frame has to wait.

        Args:
            now_ns: Time on the clock that `push` was given [ns].
        """
        while self._visible.entries and self._is_decided(now_ns):
            entry = self._visible.entries.popleft()
            visible = entry.frame
            self.waited_ms = (now_ns - entry.arrived_ns) / NS_PER_MS
            self._decided = _place(visible)
            pair = self._match(visible)
            self._forget_infrared()
            if pair.infrared is not None or not self._drop_lost:
                return pair
            self.dropped["visible_unmatched"] += 1
        return None

    def end(self, modality: Modality, stream_id: int | None = None) -> None:
        """Say that no frame of a camera follows; if an id is given, only if that stream is the current one."""
        queue = self._queue(modality)
        if stream_id is None or queue.stream_id in (None, stream_id):
            queue.ended = True
            self._forget_infrared()

    def wants(self, modality: Modality) -> bool:
        """Whether to go on reading a camera; False is back-pressure, and only on lossless links.

        After `pop` gave None, one camera is always wanted: the visible when none of its frames waits, the infrared
        when one does. So a full queue of one camera can't keep the other from coming.
        """
        if not self._lossless:
            return True
        if modality is Modality.VISIBLE:
            return len(self._visible.entries) < self._queue_size
        return bool(self._visible.entries) or len(self._infrared.entries) < self._queue_size

    def wait_ns(self, now_ns: int) -> int | None:
        """How long until `pop` gives a pair even if no frame comes [ns]; None if it won't."""
        if self._lossless or not self._visible.entries:
            return None
        return max(0, self._deadline_ns(self._visible.entries[0]) - now_ns)

    @property
    def is_over(self) -> bool:
        """Whether the visible stream has ended and all its frames are decided."""
        return self._visible.ended and not self._visible.entries

    def begin_again(self, modality: Modality) -> None:
        """Say that a camera's clock was set: its next stamps follow no earlier one."""
        self._queue(modality).begin_again()
        if modality is Modality.VISIBLE:
            self._decided = None

    def newest_infrared(self) -> Frame | None:
        """The newest infrared frame, for a picture without visible; None if it was used before."""
        newest = self._infrared.entries[-1] if self._infrared.entries else None
        if newest is None or newest.used:
            return None
        newest.used = True
        return newest.frame

    def lag_ms(self, modality: Modality) -> float | None:
        """How much later than the faster camera's a camera's frames arrive [ms]; None while it is not known."""
        lags_ns = [self._visible.longest_lag_ns(), self._infrared.longest_lag_ns()]
        own_ns = self._queue(modality).longest_lag_ns()
        known_ns = [lag_ns for lag_ns in lags_ns if lag_ns is not None]
        return None if own_ns is None or len(known_ns) < 2 else (own_ns - min(known_ns)) / NS_PER_MS

    def queued(self, modality: Modality) -> Iterator[Frame]:
        """Frames that were neither used nor counted so far."""
        return (entry.frame for entry in self._queue(modality).entries if not entry.used)

    def _queue(self, modality: Modality) -> CameraQueue:
        return self._visible if modality is Modality.VISIBLE else self._infrared

    def _is_decided(self, now_ns: int) -> bool:
        first = self._visible.entries[0]
        if self._infrared.ended or self._is_match_here(first.frame):
            return True
        return not self._lossless and now_ns >= self._deadline_ns(first)

    def _deadline_ns(self, visible: Entry) -> int:
        """When an infrared frame for this visible one has had as long as such frames take [ns, `push`'s clock]."""
        latest_ns = visible.arrived_ns + self._wait_ns
        lag_ns = self._infrared.longest_lag_ns()
        if lag_ns is None or self._by_trigger:
            return latest_ns
        return min(latest_ns, visible.frame.stamp_ns + self._slop_ns + lag_ns + JITTER_NS)

    def _is_match_here(self, visible: Frame) -> bool:
        newest = self._infrared.entries[-1].frame if self._infrared.entries else None
        if newest is None:
            return False
        if self._by_trigger and visible.trigger is not None and newest.trigger is not None:
            return newest.trigger >= visible.trigger
        past_ns = visible.stamp_ns - newest.stamp_ns
        if past_ns <= 0:
            return True
        period_ns = self._infrared.shortest_period_ns()
        if self._lossless or period_ns is None:
            return False
        # The next infrared frame is due so long after this visible one: too long, or longer than the last is past.
        return period_ns - past_ns > min(self._slop_ns, past_ns)

    def _match(self, visible: Frame) -> FramePair:
        candidates = self._infrared.entries
        if matched := self._live(visible):
            matched.used = True
            return FramePair(visible, matched.frame, InfraredState.LIVE)
        for entry in reversed(candidates):
            if 0 <= visible.stamp_ns - entry.frame.stamp_ns <= self._hold_ns:
                entry.used = True
                return FramePair(visible, entry.frame, InfraredState.HELD)
        return FramePair(visible, None, InfraredState.LOST)

    def _live(self, visible: Frame) -> Entry | None:
        candidates = self._infrared.entries
        if self._by_trigger and visible.trigger is not None:
            return next((entry for entry in candidates if entry.frame.trigger == visible.trigger), None)
        nearest = min(candidates, key=lambda entry: abs(entry.frame.stamp_ns - visible.stamp_ns), default=None)
        within = nearest is not None and abs(nearest.frame.stamp_ns - visible.stamp_ns) <= self._slop_ns
        return nearest if within else None

    def _forget_infrared(self) -> None:
        """Let go of infrared frames that no visible frame can be matched with any more."""
        infrared = self._infrared.entries
        if self.is_over:
            while infrared:
                self._infrared.drop_first("unmatched")
        waiting = self._visible.entries
        horizon = _place(waiting[0].frame) if waiting else self._decided
        while horizon is not None and len(infrared) > 1 and self._reaches(horizon, infrared[1].frame):
            self._infrared.drop_first("unmatched")

    def _reaches(self, horizon: "_Place", infrared: Frame) -> bool:
        if self._by_trigger and horizon.trigger is not None and infrared.trigger is not None:
            return infrared.trigger <= horizon.trigger
        return infrared.stamp_ns <= horizon.stamp_ns


class _Place(NamedTuple):
    """Where a frame stands in its stream, without its pixels."""

    stamp_ns: int
    trigger: int | None


def _place(frame: Frame) -> _Place:
    return _Place(frame.stamp_ns, frame.trigger)
