"""The sending end of a topic."""

import logging
import time
from collections.abc import Sequence

import zmq

from irvis.errors import ConfigError, WireError
from irvis.topics import Topic, lossless_endpoint
from irvis.wire import End, Message, Part, encode

from .endpoints import release
from .outlet import LOOK_MS, Outlet, Stop, asked
from .shared import SHARED_FROM_BYTES, Ring
from .sockets import MAX_PART_BYTES, bind_both

log = logging.getLogger(__name__)

END_REPEAT_S = 2.0


class Publisher:
    """One topic's sending end.

    Args:
        endpoint: Where the latest link is bound: `ipc:///path`, `tcp://host:port`, or `tcp://host:*` for a free
            port. The lossless link is bound at `irvis.topics.lossless_endpoint` of it.
        topic: What is published; it also sets the queues' length.
        lossless_subscribers: How many subscribers the lossless link waits for; 0 is no such link.
        context: To share one between sockets of a process; its own without.

    Attributes:
        endpoint: Where it is bound, with the port that was chosen.

    Raises:
        ConfigError: An endpoint can't be bound.
    """

    def __init__(
        self, endpoint: str, topic: Topic, *, lossless_subscribers: int = 0, context: zmq.SyncContext | None = None
    ) -> None:
        self._topic = topic
        self._wanted = lossless_subscribers
        self._shared = context is not None
        self._context = context or zmq.Context()
        self._end: list[zmq.Frame] | None = None
        self._shares = endpoint.startswith("ipc://")
        self._rings: list[Ring] = []
        self._latest = Outlet(self._context, topic)
        self._lossless = Outlet(self._context, topic, wait=True) if lossless_subscribers else None
        try:
            self.endpoint = bind_both(
                self._latest.socket, self._lossless.socket if self._lossless else None, endpoint, topic
            )
        except ConfigError:
            self._close_sockets(0.0, 0.0)
            raise

    def publish(self, message: Message, stop: Stop | None = None) -> bool:
        """Send a message; arrays in it must not be written to afterwards.

        The latest link never waits. The lossless link waits while a subscriber is missing or a queue is full.

        Args:
            message: What to send.
            stop: Looked at while waiting; give a callable to do something in the meantime.

        Returns:
            False if it was stopped before the lossless link took the message.

        Raises:
            WireError: An image is larger than subscribers take.
        """
        return self._send(encode(message), stop, is_end=isinstance(message, End))

    def publish_parts(self, encoded: Sequence[Part], stop: Stop | None = None) -> bool:
        """Send what may be no message at all, to see what subscribers do with it; otherwise as `publish`."""
        return self._send(encoded, stop, is_end=False)

    def _send(self, encoded: Sequence[Part], stop: Stop | None, *, is_end: bool) -> bool:
        largest_bytes = max(map(len, encoded))
        if largest_bytes > MAX_PART_BYTES:
            raise WireError(
                f"image of {largest_bytes} bytes: expected {MAX_PART_BYTES} or fewer; set capture.size"
            )
        listeners = self._latest.subscribers()
        parts = [zmq.Frame(part) for part in (self._topic.encode(), *self._through_memory(encoded, listeners))]
        self._end = parts if is_end else None
        self._latest.offer(parts, listeners)
        return self._lossless is None or self._lossless.deliver(parts, self._wanted, stop)

    @property
    def copied_bytes(self) -> int:
        """How much was copied into memory that subscribers on this host share."""
        return sum(ring.copied_bytes for ring in self._rings)

    def _through_memory(self, encoded: Sequence[Part], listeners: int) -> Sequence[Part]:
        """The same message with its images in shared memory, where all who listen can look at it."""
        header, *images = encoded
        size_bytes = sum(map(len, images))
        if not self._shares or size_bytes < SHARED_FROM_BYTES:
            return encoded
        if not (listeners or self._wanted) or self._latest.inline or (self._lossless and self._lossless.inline):
            return encoded
        ring = self._ring(size_bytes)
        if ring is None:
            return encoded
        descriptor, is_inside = ring.put(images, (self._wanted, listeners))
        return [descriptor, header] if is_inside else [descriptor, *encoded]

    def _ring(self, size_bytes: int) -> Ring | None:
        if not self._rings or self._rings[-1].slot_bytes < size_bytes:
            try:
                self._rings.append(Ring(size_bytes))
            except (OSError, AttributeError) as exc:  # no memfd on this system, or no memory
                log.info("%s: no shared memory (%s); images go through the socket", self._topic, exc)
                self._shares = False
                return None
        return self._rings[-1]

    def wait_for_subscribers(self, timeout_s: float, latest: int = 0) -> bool:
        """Wait for the lossless link's subscribers, and for as many of the latest link as asked; False if late."""
        deadline_s = time.monotonic() + timeout_s
        lossless = self._lossless is None or self._lossless.wait_for(self._wanted, deadline_s)
        return lossless and self._latest.wait_for(latest, deadline_s)

    def await_end(self, stop: Stop | None = None, *, latest: bool = False) -> bool:
        """Wait until each subscriber of the lossless link has read the End that was just published, or has gone.

        What lies between two sockets is lost when one of them closes, lingering or not: call this before `close`.

        Args:
            stop: Looked at while waiting.
            latest: Whether to wait for the latest link's subscribers, too, where they are no mere displays.

        Returns:
            False if it was stopped before.
        """
        stopped = asked(stop)
        while self._end and self._lossless and not self._lossless.is_end_read():
            if stopped():
                return False
            self._lossless.socket.poll(LOOK_MS)
        while latest and self._end and not self._latest.is_end_read():
            if stopped():
                return False
            self._latest.repeat(self._end)
        return True

    def close(self, linger_s: float = 10.0) -> None:
        """Wait until subscribers have what was published, so long at most; free the endpoints. Twice is once."""
        if self._latest.socket.closed:
            return
        deadline_s = time.monotonic() + linger_s
        self.await_end(lambda: time.monotonic() >= deadline_s)
        repeat_until_s = min(deadline_s, time.monotonic() + END_REPEAT_S)
        # Displays that don't read what they asked for hold nobody up for long.
        self.await_end(lambda: time.monotonic() >= repeat_until_s, latest=True)
        latest_linger_s = 0.0 if self._end else max(0.0, repeat_until_s - time.monotonic())
        self._close_sockets(latest_linger_s, max(0.0, deadline_s - time.monotonic()))
        release(self.endpoint)
        if self._lossless:
            release(lossless_endpoint(self.endpoint))

    def _close_sockets(self, latest_linger_s: float, lossless_linger_s: float) -> None:
        self._latest.socket.close(round(latest_linger_s * 1000))
        if self._lossless:
            self._lossless.socket.close(round(lossless_linger_s * 1000))
        if not self._shared:
            self._context.term()
        for ring in self._rings:
            ring.close()
        self._rings.clear()
