"""A sink that is slow because the `faults` section says so."""

import threading

from irvis.clock import NS_PER_MS, NS_PER_S
from irvis.frame import FusedFrame

from .base import Sink


class SlowSink:
    """A sink that takes longer for each frame than it would.

    Args:
        sink: What it is otherwise.
        delay_ms: How much longer [ms].

    Attributes:
        done: As the sink's.
        dropped: As the sink's.
    """

    def __init__(self, sink: Sink, delay_ms: float) -> None:
        self.done, self.dropped = sink.done, sink.dropped
        self._sink = sink
        self._delay_s = delay_ms * NS_PER_MS / NS_PER_S
        self._never = threading.Event()

    def take(self, frame: FusedFrame) -> bool:
        """Take one frame, later."""
        self._never.wait(self._delay_s)
        return self._sink.take(frame)

    @property
    def note(self) -> str:
        """As the sink's."""
        return self._sink.note

    @property
    def unsaved(self) -> int:
        """As the sink's."""
        return self._sink.unsaved

    def is_over(self) -> bool:
        """As the sink's."""
        return self._sink.is_over()

    def close(self) -> None:
        """Finish what was begun."""
        self._sink.close()
