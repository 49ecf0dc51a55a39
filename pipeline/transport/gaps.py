"""What never came: frames that were published but not received, found by their sequence numbers."""

from irvis.frame import FusedFrame
from irvis.wire import End, Message

NOT_A_PICTURE = "infrared_"
"""Prefix of drop reasons that cost no fused frame: a fused frame is a visible frame."""

REMEMBERED = 64
"""How far back a missing frame may still come."""


class Gaps:
    """Counts the frames of one topic that were lost on the way to this subscriber.

    A camera's numbers have no gaps at the source, so each gap is a loss. The fusion node skips numbers on purpose
    and says in each frame's contract how many it dropped so far: only gaps beyond those are losses. That may count
    too few, but no frame twice. A camera's frame that comes after later ones is lost no more.

    Attributes:
        repeated: Camera frames that came again.

    Example:
        >>> import numpy as np
        >>> from irvis.frame import Frame, Modality
        >>> gaps, pixels = Gaps(), np.zeros((1, 1), np.uint8)
        >>> [gaps.lost(Frame(Modality.INFRARED, pixels, 0, 0, seq, 1)) for seq in (5, 6, 9, 8, 8)], gaps.repeated
        ([0, 0, 2, -1, 0], 1)
    """

    def __init__(self) -> None:
        self._stream_id: int | None = None
        self._next_seq = 0
        self._missing = 0
        self._explained = 0
        self._explained_so_far = 0
        self._lost = 0
        self._holes: set[int] = set()
        self.repeated = 0

    def lost(self, message: Message) -> int:
        """How many losses this message reveals; -1 if it is one that was taken for lost."""
        if isinstance(message, End):
            return self._count(message.frames) if message.stream_id == self._stream_id else 0
        if message.stream_id != self._stream_id:
            self._stream_id, self._next_seq = message.stream_id, message.seq
            self._holes.clear()
        if isinstance(message, FusedFrame):
            self._explain(message)
        elif message.seq < self._next_seq:
            return self._fill(message.seq)
        else:
            self._holes.update(range(max(self._next_seq, message.seq - REMEMBERED), message.seq))
            self._holes = {hole for hole in self._holes if hole >= message.seq - REMEMBERED}
        return self._count(message.seq, seen=1)

    def _fill(self, seq: int) -> int:
        if seq not in self._holes:
            self.repeated += 1
            return 0
        self._holes.remove(seq)
        self._missing -= 1
        self._lost -= 1
        return -1

    def _explain(self, message: FusedFrame) -> None:
        dropped = message.contract.dropped
        total = sum(count for reason, count in dropped.items() if not reason.startswith(NOT_A_PICTURE))
        restarted = total < self._explained_so_far
        self._explained += total if restarted else total - self._explained_so_far
        self._explained_so_far = total

    def _count(self, seq: int, seen: int = 0) -> int:
        self._missing += max(0, seq - self._next_seq)
        self._next_seq = max(self._next_seq, seq + seen)
        revealed = max(0, self._missing - self._explained - self._lost)
        self._lost += revealed
        return revealed
