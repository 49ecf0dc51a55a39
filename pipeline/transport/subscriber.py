"""The receiving end of a topic."""

import logging
import math
import time
from collections.abc import Sequence

import zmq

from irvis.errors import ConfigError, WireError
from irvis.frame import Frame
from irvis.log import Limiter
from irvis.timing import DropCounter
from irvis.topics import TOPICS, Link, Topic
from irvis.wire import End, Message, decode

from .gaps import Gaps
from .shared import INLINE, is_shared
from .shared_reader import NotReachable, Reader, read_descriptor
from .sockets import beside, connect, open_socket

log = logging.getLogger(__name__)

SETTLE_S = 0.002


class Subscriber:
    """One topic's receiving end; connects whether or not the publisher is there yet, and again when it returns.

    Args:
        endpoint: The publisher's endpoint, the same for both links.
        topic: What to receive.
        link: `latest` or `lossless`.
        context: To share one between sockets of a process; its own without.

    Attributes:
        topic: What it receives.
        dropped: Messages that were not handed over: `undecodable`, `superseded`, `lost_in_transport`.

    Raises:
        ConfigError: The endpoint can't be connected to.
    """

    def __init__(
        self, endpoint: str, topic: Topic, link: Link = "latest", context: zmq.SyncContext | None = None
    ) -> None:
        self.topic = topic
        self.dropped = DropCounter()
        self._gaps = Gaps()
        self._limiter = Limiter()
        self._kept: End | None = None
        self._ended: int | None = None
        self._lossless = link == "lossless"
        self._readers: list[Reader] = []
        self._inline = False
        self._shared = context is not None
        self._context = context or zmq.Context()
        self._socket = open_socket(self._context, zmq.SUB, topic)
        self._socket.setsockopt(zmq.SUBSCRIBE, topic.encode())
        try:
            connect(self._socket, beside(endpoint, topic) if link == "lossless" else endpoint, topic)
        except ConfigError:
            self.close()
            raise

    def receive(self, timeout_s: float = 0.0) -> Message | None:
        """The next message; None if none came in time. Its images are read-only views of what came."""
        if self._kept:
            message, self._kept = self._kept, None
            return message
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                parts = self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or not self._socket.poll(math.ceil(left_s * 1000)):
                    return None
                continue
            message_or_none = self._read([part.buffer.toreadonly() for part in parts])
            if message_or_none is not None or time.monotonic() >= deadline_s:
                return message_or_none

    def receive_newest(self, timeout_s: float = 0.0) -> Message | None:
        """The newest message that is there; older ones count as superseded, but an End is never skipped."""
        newest = self.receive(timeout_s)
        # What both queues hold is what may be old; a backlog's tail needs a moment to move up.
        for skipped in range(2 * TOPICS[self.topic].queue_frames):
            if newest is None or isinstance(newest, End):
                break
            newer = self.receive(SETTLE_S if skipped else 0.0)
            if newer is None:
                break
            if isinstance(newer, End):
                self._kept = newer
                break
            self.dropped["superseded"] += 1
            newest = newer
        return newest

    def close(self) -> None:
        """Disconnect."""
        self._socket.close(0)
        if not self._shared:
            self._context.term()

    @property
    def has_kept(self) -> bool:
        """Whether the next `receive` needs no socket."""
        return self._kept is not None

    @property
    def repeated(self) -> int:
        """How many frames were handed over that had been before."""
        return self._gaps.repeated

    @property
    def socket(self) -> zmq.SyncSocket:
        """For polling."""
        return self._socket

    def _read(self, parts: Sequence[memoryview]) -> Message | None:
        try:
            encoded = self._from_memory(parts[1:])
            if encoded is None:
                return None
            message = decode(encoded)
            _check_topic(message, parts[0], self.topic)
        except WireError as exc:
            self.dropped["undecodable"] += 1
            if self._limiter.allows("undecodable"):
                log.warning("%s: undecodable message, %d so far: %s", self.topic, self.dropped["undecodable"], exc)
            return None
        lost = self._gaps.lost(message)
        if lost:
            self.dropped["lost_in_transport"] += lost
        return message if self._is_new(message) else None

    def _from_memory(self, encoded: Sequence[memoryview]) -> Sequence[memoryview] | None:
        """The same message with its images, which may lie in shared memory; None if they were overwritten there.

        Raises:
            WireError: The descriptor makes no sense, or the memory can't be opened.
        """
        if not encoded or not is_shared(encoded[0]):
            return encoded
        where = read_descriptor(encoded[0])
        try:
            reader = next((reader for reader in self._readers if reader.is_for(where)), None)
            if reader is None:
                reader = Reader(where, self._lossless)
                self._readers = [reader, *self._readers[:1]]
        except NotReachable as exc:
            if not self._inline:
                log.info("%s: %s; images come through the socket", self.topic, exc)
                self._inline = True
                self._socket.subscribe(INLINE)
            raise
        images = reader.images(where) if where.sizes_bytes else []
        reader.saw(where)
        return None if images is None else [*encoded[1:], *images]

    def _is_new(self, message: Message) -> bool:
        """False for an End that was read before: the latest link says it several times, so that one arrives."""
        if not isinstance(message, End):
            self._ended = None
            return True
        if message.stream_id == self._ended:
            return False
        self._ended = message.stream_id
        # Tells the publisher that all is read, so that it may close; and listens on, for the next stream.
        self._socket.unsubscribe(self.topic.encode())
        self._socket.subscribe(self.topic.encode())
        return True


def poll(subscribers: Sequence[Subscriber], timeout_s: float) -> list[Subscriber]:
    """Wait until a subscriber has something to receive; those that have."""
    waiting = any(subscriber.has_kept for subscriber in subscribers)
    timeout_ms = 0 if waiting else math.ceil(timeout_s * 1000)
    readable = dict(zmq.zmq_poll([(subscriber.socket, zmq.POLLIN) for subscriber in subscribers], timeout_ms))
    return [subscriber for subscriber in subscribers if subscriber.has_kept or subscriber.socket in readable]


def _check_topic(message: Message, topic_part: memoryview, topic: Topic) -> None:
    if topic_part != topic.encode():
        raise WireError(f"topic {bytes(topic_part[:32])!r}: expected {topic}")
    if isinstance(message, End):
        return
    carried = message.modality.value if isinstance(message, Frame) else Topic.FUSED.value
    if carried != topic.value:
        raise WireError(f"{carried} frame on topic {topic}")
