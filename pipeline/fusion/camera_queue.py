"""One camera's frames while they wait for their match, and what their arrival tells about the camera."""

from collections import deque
from dataclasses import dataclass

from irvis.frame import Frame, Modality
from irvis.timing import DropCounter

PERIODS_KEPT = 8
PERIODS_NEEDED = 4
LAGS_KEPT = 64
LATE_IN_A_ROW = 8
"""So many frames older than the newest one mean that the camera's clock was set back."""


@dataclass(slots=True)
class Entry:
    """A frame that waits, when it came [ns, the pairing's clock], and whether a pair has it."""

    frame: Frame
    arrived_ns: int
    used: bool = False


class CameraQueue:
    """One camera's frames, in the order of their stamps.

    Args:
        modality: Which camera; drop reasons begin with it.
        dropped: Where to count the frames that nobody used.

    Attributes:
        entries: The frames that wait.
        stream_id: Of the current stream; None before the first frame.
        ended: Whether no frame of the stream follows.
    """

    def __init__(self, modality: Modality, dropped: DropCounter) -> None:
        self.entries: deque[Entry] = deque()
        self.stream_id: int | None = None
        self.ended = False
        self._modality = modality
        self._dropped = dropped
        self._newest_ns: int | None = None
        self._periods_ns: deque[int] = deque(maxlen=PERIODS_KEPT)
        self._lags_ns: deque[int] = deque(maxlen=LAGS_KEPT)
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
            self.begin_again()
            self.stream_id = frame.stream_id
        elif self._newest_ns is not None:
            self._periods_ns.append(frame.stamp_ns - self._newest_ns)
        self._late_in_a_row = 0
        self._newest_ns = frame.stamp_ns
        self._lags_ns.append(now_ns - frame.stamp_ns)
        self.entries.append(Entry(frame, now_ns))
        return begins

    def begin_again(self) -> None:
        """Forget the stream so far: what follows has stamps of its own."""
        while self.entries:
            self.drop_first("restarted")
        self._periods_ns.clear()
        self._lags_ns.clear()
        self._newest_ns = None
        self.ended = False

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

    def longest_lag_ns(self) -> int | None:
        """Longest of the last times from stamp to arrival [ns]; None while too few are known.

        It mixes the stamps' clock with the pairing's: only differences between cameras, or between a stamp plus
        this and the pairing's clock, mean anything.
        """
        return max(self._lags_ns) if len(self._lags_ns) >= PERIODS_NEEDED else None

    def _count(self, reason: str) -> None:
        self._dropped[f"{self._modality}_{reason}"] += 1
