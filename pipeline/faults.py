"""Cameras, clocks and links that fail as the `faults` section says: the same with the same seed."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from irvis.clock import NS_PER_MS, NS_PER_S, now_ns
from irvis.faults import CameraFaults, Faults, is_in
from irvis.frame import Frame
from irvis.wire import Message, encode

from .handoff import Handoff
from .sources import Image, Source
from .transport import Publisher, Stop

MOST_UNDERWAY = 64
"""Frames on a slow link; a camera that gives more than these in the link's latency waits."""


class FaultySource(Source):
    """A camera that freezes, closes its shutter or falls silent at times.

    Args:
        source: The camera that it is otherwise; closed with it.
        faults: When it does what.
    """

    def __init__(self, source: Source, faults: CameraFaults) -> None:
        super().__init__(source.modality)
        self.dropped, self.length = source.dropped, source.length
        self.is_live, self.reconnects = True, source.reconnects
        self._source = source
        self._faults = faults
        self._first_ns: int | None = None
        self._last: Image | None = None

    def read(self) -> Image | None:
        """The next frame, or the last one again; None at the end of the stream."""
        while image := self._source.read():
            time_ns = image.media_ns if image.media_ns is not None else image.stamp_ns or 0
            self._first_ns = time_ns if self._first_ns is None else self._first_ns
            elapsed_ns = time_ns - self._first_ns
            if is_in(self._faults.silent, elapsed_ns):
                self.dropped["silent"] += 1
                continue
            if is_in(self._faults.shutter, elapsed_ns):
                return replace(image, shutter=True)
            if self._last and is_in(self._faults.freeze, elapsed_ns):
                return replace(image, pixels=self._last.pixels, counts=self._last.counts)
            self._last = image
            return image
        return None

    def skip_to(self, media_ns: int) -> None:
        """As the camera's."""
        self._source.skip_to(media_ns)

    def close(self) -> None:
        """Close the camera."""
        self._source.close()


class HostClock:
    """The clock of a camera's host, as wrong as its faults say.

    Args:
        faults: Of the camera.
    """

    def __init__(self, faults: CameraFaults) -> None:
        self._faults = faults
        self._start_ns = now_ns()

    def reading(self, true_ns: int) -> int:
        """What the clock reads at a time [ns, Unix epoch]."""
        return true_ns + self._faults.clock_error_ns(true_ns - self._start_ns)

    def now_ns(self) -> int:
        """What it reads now [ns]."""
        return self.reading(now_ns())


class _Underway(NamedTuple):
    """A message on a slow link, when it arrives [s, monotonic], and what stops its sending."""

    message: Message
    due_s: float
    stop: Stop | None


class FaultyLink:
    """Publishes a camera's frames as a bad link would: some lost, twice, out of order or cut short, all late.

    Args:
        publisher: The link that it is otherwise.
        faults: What goes wrong.
    """

    def __init__(self, publisher: Publisher, faults: Faults) -> None:
        self._publisher = publisher
        self._faults = faults
        self._held: Frame | None = None
        self._underway: Handoff[_Underway] | None = None
        self._carrying = Future[None]()
        self._is_stopped = False

    def publish(self, message: Message, stop: Stop | None = None) -> bool:
        """Send a message, or what is left of it, after the link's latency; as `Publisher.publish`.

        With a latency, a frame is taken at once and sent later; an End returns when all has been sent.
        """
        latency_ms = self._faults.of(message.modality).latency_ms if isinstance(message, Frame) else 0.0
        if self._underway is None:
            if not latency_ms:
                return self._send(message, stop)
            self._underway = Handoff(MOST_UNDERWAY)
            thread = ThreadPoolExecutor(1, thread_name_prefix="faulty link")
            self._carrying = thread.submit(self._carry, self._underway)
            thread.shutdown(wait=False)
        self._underway.put(_Underway(message, time.monotonic() + latency_ms * NS_PER_MS / NS_PER_S, stop))
        if not isinstance(message, Frame):
            self._underway.close()
        if not isinstance(message, Frame) or self._carrying.done():
            self._carrying.result()  # what could not be sent is said here
        return not self._is_stopped

    def _carry(self, underway: Handoff[_Underway]) -> None:
        """Send what is underway when it has been long enough, and in its order."""
        never = threading.Event()
        try:
            for each in underway:
                never.wait(max(0.0, each.due_s - time.monotonic()))
                self._is_stopped = not self._send(each.message, each.stop)
        finally:
            underway.abandon()

    def _send(self, message: Message, stop: Stop | None) -> bool:
        if not isinstance(message, Frame):
            held, self._held = self._held, None
            return (held is None or self._publisher.publish(held, stop)) and self._publisher.publish(message, stop)
        fault = self._faults.of(message.modality).on_link(self._faults.seed, message.modality, message.seq)
        if fault == "drop":
            return True
        if fault == "truncate":
            header, pixels, *more = encode(message)
            return self._publisher.publish_parts([header, pixels[: len(pixels) // 2], *more], stop)
        if fault == "reorder" and self._held is None:
            self._held = message
            return True
        sent = self._publisher.publish(message, stop)
        if fault == "duplicate":
            sent = sent and self._publisher.publish(message, stop)
        held, self._held = self._held, None
        return sent and (held is None or self._publisher.publish(held, stop))
