"""The question what time it is on the host of a camera, and its answer: beside the topic's endpoint, over tcp."""

import logging
import threading
from collections.abc import Callable

import zmq

from irvis.clock import now_ns
from irvis.errors import ConfigError
from irvis.remote_clock import ClockEstimate, ClockTracker
from irvis.topics import Topic, clock_endpoint

from .sockets import bind, connect, open_socket

log = logging.getLogger(__name__)

FIRST_ASKS = 8
FIRST_INTERVAL_S = 0.02
INTERVAL_S = 0.5
ANSWER_MS = 1000
LOOK_MS = 100
WAITING = 64
STAMP_BYTES = 8
MAX_MESSAGE_BYTES = 512
"""More than a stamp, as the handshake's own messages count too."""


class ClockServer:
    """Tells a host's time to whoever asks; a thread of its own.

    Args:
        endpoint: Of the topic; the server is bound at `irvis.topics.clock_endpoint` of it.
        topic: Whose stamps the time is for.
        clock: The clock that the stamps are made with [ns, Unix epoch].

    Raises:
        ConfigError: The endpoint can't be bound.
    """

    def __init__(self, endpoint: str, topic: Topic, clock: Callable[[], int] = now_ns) -> None:
        self._clock = clock
        self._over = threading.Event()
        self._context = zmq.Context()
        self._socket = open_socket(self._context, zmq.ROUTER, topic)
        self._socket.set_hwm(WAITING)
        self._socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        try:
            bind(self._socket, clock_endpoint(endpoint), topic)
        except ConfigError:
            self._socket.close(0)
            self._context.term()
            raise
        self._thread = threading.Thread(target=self._answer, name=f"{topic} clock", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering and free the endpoint."""
        self._over.set()
        self._thread.join()
        self._socket.close(0)
        self._context.term()

    def _answer(self) -> None:
        while not self._over.is_set():
            while self._socket.poll(LOOK_MS if not self._over.is_set() else 0):
                parts = self._socket.recv_multipart()
                time_ns = self._clock()
                if len(parts) == 2 and len(parts[1]) == STAMP_BYTES:
                    self._socket.send_multipart([*parts, time_ns.to_bytes(STAMP_BYTES, "big")], zmq.NOBLOCK)


class ClockClient:
    """Asks a camera's host for its time all the while; a thread of its own.

    Args:
        endpoint: Of the camera's topic.
        topic: Which.

    Raises:
        ConfigError: The endpoint can't be connected to.
    """

    def __init__(self, endpoint: str, topic: Topic) -> None:
        self._topic = topic
        self._tracker = ClockTracker()
        self._over = threading.Event()
        self._context = zmq.Context()
        self._socket = open_socket(self._context, zmq.DEALER, topic)
        self._socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        try:
            connect(self._socket, clock_endpoint(endpoint), topic)
        except ConfigError:
            self._socket.close(0)
            self._context.term()
            raise
        self._thread = threading.Thread(target=self._ask_on, name=f"{topic} clock", daemon=True)
        self._thread.start()

    @property
    def estimate(self) -> ClockEstimate | None:
        """What is known of the clock; None before the first answer."""
        return self._tracker.estimate

    def close(self) -> None:
        """Stop asking."""
        self._over.set()
        self._thread.join()
        self._socket.close(0)
        self._context.term()

    def _ask_on(self) -> None:
        answered = 0
        while not self._over.wait(FIRST_INTERVAL_S if answered < FIRST_ASKS else INTERVAL_S):
            answered += self._ask()

    def _ask(self) -> bool:
        sent_ns = now_ns()
        question = sent_ns.to_bytes(STAMP_BYTES, "big")
        try:
            self._socket.send(question, zmq.NOBLOCK)
        except zmq.Again:
            return False  # nobody is there yet
        while self._socket.poll(ANSWER_MS) and not self._over.is_set():
            parts = self._socket.recv_multipart()
            received_ns = now_ns()
            if len(parts) != 2 or parts[0] != question or len(parts[1]) != STAMP_BYTES:
                continue  # the late answer to an earlier question
            if self._tracker.add(sent_ns, int.from_bytes(parts[1], "big"), received_ns):
                log.warning("%s: its host's clock, or this one's, was set: %s", self._topic, self.estimate)
            return True
        return False
