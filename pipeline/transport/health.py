"""The nodes' small messages to whoever runs them: never waited for, dropped when nobody takes them."""

import math

import zmq

from irvis.errors import ConfigError
from irvis.topics import Topic

from .endpoints import release
from .sockets import bind, connect, open_socket


class HealthSender:
    """A node's end.

    Args:
        endpoint: Where the receiver is bound, now or later.

    Raises:
        ConfigError: The endpoint can't be connected to.
    """

    def __init__(self, endpoint: str) -> None:
        self._context = zmq.Context()
        self._socket = open_socket(self._context, zmq.PUSH, Topic.HEALTH)
        try:
            connect(self._socket, endpoint, Topic.HEALTH)
        except ConfigError:
            self.close(0.0)
            raise

    def send(self, payload: bytes) -> bool:
        """Send without waiting; False if it was dropped."""
        try:
            self._socket.send(payload, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def close(self, linger_s: float = 0.5) -> None:
        """Wait until the last messages are taken, so long at most."""
        self._socket.close(round(linger_s * 1000))
        self._context.term()


class HealthReceiver:
    """The end of the one who runs the nodes.

    Args:
        endpoint: Where to bind.

    Attributes:
        endpoint: Where it is bound, with the port that was chosen.

    Raises:
        ConfigError: The endpoint can't be bound.
    """

    def __init__(self, endpoint: str) -> None:
        self._context = zmq.Context()
        self._socket = open_socket(self._context, zmq.PULL, Topic.HEALTH)
        try:
            self.endpoint = bind(self._socket, endpoint, Topic.HEALTH)
        except ConfigError:
            self._socket.close(0)
            self._context.term()
            raise

    def receive(self, timeout_s: float = 0.0) -> bytes | None:
        """The next message; None if none came in time."""
        return self._socket.recv() if self._socket.poll(math.ceil(timeout_s * 1000)) else None

    def close(self) -> None:
        """Free the endpoint."""
        self._socket.close(0)
        self._context.term()
        release(self.endpoint)
