"""Which infrared frame belongs to which visible frame: approximate-time matching that accounts for every frame."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from irvis.clock import NS_PER_MS
from irvis.frame import Frame, FramePair, InfraredState, Modality
from irvis.settings import Sync
from irvis.timing import DropCounter

PERIODS_KEPT = 8
PERIODS_NEEDED = 4
LATE_IN_A_ROW = 8
"""So many frames older than the newest one mean that the camera's clock was set back."""


class PairSync:
    """Pairs each visible frame with its nearest infrared frame; has no clock and no thread of its own.

    A visible frame is used at most once and in order; an infrared frame may serve several. A visible frame is
    decided as soon as no infrared frame that may still come can be nearer. On a `latest` link the infrared's usual
    period tells that, and `wait_ms` bounds the wait; on a `lossless` link nothing counts but stamps that came.

    - Nearest infrared frame within `slop_ms`: the pair is LIVE.
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
        self._drop_lost = settings.on_lost == "drop"
        self._slop_ns = round(settings.slop_ms * NS_PER_MS)
        self._hold_ns = round(settings.hold_ms * NS_PER_MS)
        self._wait_ns = round(settings.wait_ms * NS_PER_MS)
        self._queue_size = settings.queue_size
        self._visible = _Queue(Modality.VISIBLE, self.dropped)
        self._infrared = _Queue(Modality.INFRARED, self.dropped)
        self._decided_ns: int | None = None

    def push(self, frame: Frame, now_ns: int) -> None:
        """Take a frame of either camera.

        Args:
            frame: With the stamp by which it is matched.
            now_ns: Time on any steady clock [ns], the one that `pop` is given too.
        """
        queue = self._queue(frame.modality)
        began_again = queue.push(frame, now_ns)
        if began_again and queue is self._visible:
            self._decided_ns = None
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
            self._decided_ns = visible.stamp_ns
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
        return max(0, self._visible.entries[0].arrived_ns + self._wait_ns - now_ns)

    @property
    def is_over(self) -> bool:
        """Whether the visible stream has ended and all its frames are decided."""
        return self._visible.ended and not self._visible.entries

    def queued(self, modality: Modality) -> Iterator[Frame]:
        """Frames that were neither used nor counted so far."""
        return (entry.frame for entry in self._queue(modality).entries if not entry.used)

    def _queue(self, modality: Modality) -> "_Queue":
        return self._visible if modality is Modality.VISIBLE else self._infrared

    def _is_decided(self, now_ns: int) -> bool:
        first = self._visible.entries[0]
        if self._infrared.ended or self._is_nearest_here(first.frame.stamp_ns):
            return True
        return not self._lossless and now_ns - first.arrived_ns >= self._wait_ns

    def _is_nearest_here(self, stamp_ns: int) -> bool:
        if not self._infrared.entries:
            return False
        past_ns = stamp_ns - self._infrared.entries[-1].frame.stamp_ns
        if past_ns <= 0:
            return True
        period_ns = self._infrared.shortest_period_ns()
        if self._lossless or period_ns is None:
            return False
        # The next infrared frame is due so long after this visible one: too long, or longer than the last is past.
        return period_ns - past_ns > min(self._slop_ns, past_ns)

    def _match(self, visible: Frame) -> FramePair:
        candidates = self._infrared.entries
        nearest = min(candidates, key=lambda entry: abs(entry.frame.stamp_ns - visible.stamp_ns), default=None)
        if nearest is not None and abs(nearest.frame.stamp_ns - visible.stamp_ns) <= self._slop_ns:
            nearest.used = True
            return FramePair(visible, nearest.frame, InfraredState.LIVE)
        for entry in reversed(candidates):
            if 0 <= visible.stamp_ns - entry.frame.stamp_ns <= self._hold_ns:
                entry.used = True
                return FramePair(visible, entry.frame, InfraredState.HELD)
        return FramePair(visible, None, InfraredState.LOST)

    def _forget_infrared(self) -> None:
        """Let go of infrared frames that no visible frame can be matched with any more."""
        infrared = self._infrared.entries
        if self.is_over:
            while infrared:
                self._infrared.drop_first("unmatched")
        waiting = self._visible.entries
        horizon_ns = waiting[0].frame.stamp_ns if waiting else self._decided_ns
        while horizon_ns is not None and len(infrared) > 1 and infrared[1].frame.stamp_ns <= horizon_ns:
            self._infrared.drop_first("unmatched")


@dataclass(slots=True)
class _Entry:
    frame: Frame
    arrived_ns: int
    used: bool = False


class _Queue:
    """One camera's frames, in the order of their stamps."""

    def __init__(self, modality: Modality, dropped: DropCounter) -> None:
        self.entries: deque[_Entry] = deque()
        self.stream_id: int | None = None
        self.ended = False
        self._modality = modality
        self._dropped = dropped
        self._newest_ns: int | None = None
        self._periods_ns: deque[int] = deque(maxlen=PERIODS_KEPT)
        self._late_in_a_row = 0

    def push(self, frame: Frame, now_ns: int) -> bool:
        """Append or count a frame; True if the camera began again with it."""
        begins = frame.stream_id != self.stream_id
        if not begins and self._newest_ns is not None and frame.stamp_ns <= self._newest_ns:
            self._late_in_a_row += 1
            begins = self._late_in_a_row >= LATE_IN_A_ROW and frame.stamp_ns < self._newest_ns
            if not begins:
                self._count("duplicate" if frame.stamp_ns == self._newest_ns else "late")
                return False
        if begins:
            self._begin(frame.stream_id)
        elif self._newest_ns is not None:
            self._periods_ns.append(frame.stamp_ns - self._newest_ns)
        self._late_in_a_row = 0
        self._newest_ns = frame.stamp_ns
        self.entries.append(_Entry(frame, now_ns))
        return begins

    def shorten(self, size: int) -> None:
        """Drop the oldest frames beyond `size`."""
        while len(self.entries) > size:
            self.drop_first("overflow")

    def drop_first(self, reason: str) -> None:
        """Let go of the oldest frame, counting it unless it was used."""
        if not self.entries.popleft().used:
            self._count(reason)

    def shortest_period_ns(self) -> int | None:
        """Shortest of the last times between frames [ns]; None while too few are known."""
        return min(self._periods_ns) if len(self._periods_ns) >= PERIODS_NEEDED else None

    def _begin(self, stream_id: int) -> None:
        while self.entries:
            self.drop_first("restarted")
        self._periods_ns.clear()
        self.stream_id = stream_id
        self.ended = False

    def _count(self, reason: str) -> None:
        self._dropped[f"{self._modality}_{reason}"] += 1
