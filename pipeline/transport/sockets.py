"""Sockets as this project wants them: short queues, bounded parts, errors that say what to do."""

import zmq

from irvis.errors import ConfigError
from irvis.topics import TOPICS, Topic, lossless_endpoint

from .endpoints import claim, connectable
from .security import current

MAX_PART_BYTES = 128 << 20
"""Larger parts are refused before memory is taken for them; an 8K colour picture has 95 MiB."""
MAX_STATUS_BYTES = 1 << 20
"""The same for health."""
RECONNECT_MS = 50
RECONNECT_MAX_MS = 200
HANDSHAKE_MS = 3000
"""Who was refused hears nothing, and tries again after this time."""
KEEPALIVE_S = 5
PORT_TRIES = 20
EXPECTED = "expected ipc:///path or tcp://host:port"


def open_socket(context: zmq.SyncContext, kind: int, topic: Topic) -> zmq.SyncSocket:
    """A socket whose queues are as long as the topic's."""
    socket = context.socket(kind)
    socket.set_hwm(TOPICS[topic].queue_frames)
    socket.setsockopt(zmq.MAXMSGSIZE, MAX_STATUS_BYTES if topic is Topic.HEALTH else MAX_PART_BYTES)
    socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MS)
    socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
    # Heartbeats would cut off a lossless subscriber that is merely slow; keepalive finds a host that is gone.
    socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
    socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, KEEPALIVE_S)
    socket.setsockopt(zmq.TCP_KEEPALIVE_INTVL, KEEPALIVE_S)
    return socket


def bind(socket: zmq.SyncSocket, endpoint: str, topic: Topic) -> str:
    """Bind, and say where.

    Raises:
        ConfigError: Another process has the endpoint, or it can't be bound.
    """
    claim(endpoint, topic)
    current().guard_server(socket, endpoint, topic)
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as exc:
        remedy = f"{EXPECTED}; set endpoints.{topic}"
        if exc.errno == zmq.EADDRINUSE:
            remedy = f"stop the process that has it, or set endpoints.{topic} to another"
        raise ConfigError(
            f"{topic}: {endpoint}: can't be bound ({zmq.strerror(exc.errno or 0)}); {remedy}"
        ) from exc
    return socket.getsockopt_string(zmq.LAST_ENDPOINT)


def bind_both(latest: zmq.SyncSocket, lossless: zmq.SyncSocket | None, endpoint: str, topic: Topic) -> str:
    """Bind a topic's two links side by side, and say where the latest one is.

    Raises:
        ConfigError: Another process has an endpoint, or one can't be bound.
    """
    tries = PORT_TRIES if endpoint.startswith("tcp://") and endpoint.endswith((":*", ":0")) else 1
    for remaining in reversed(range(tries)):
        bound = bind(latest, endpoint, topic)
        if lossless is None:
            return bound
        try:
            bind(lossless, beside(bound, topic), topic)
        except ConfigError:
            # The system chose the first port; the one that belongs to it may be taken.
            latest.unbind(bound)
            if not remaining:
                raise
        else:
            return bound
    raise AssertionError("the last try returns or raises")


def beside(endpoint: str, topic: Topic) -> str:
    """Where the lossless link of an endpoint is.

    Raises:
        ConfigError: The endpoint is tcp and has no port number.
    """
    try:
        return lossless_endpoint(endpoint)
    except ValueError as exc:
        raise ConfigError(f"{topic}: {endpoint}: no port number; {EXPECTED}; set endpoints.{topic}") from exc


def connect(socket: zmq.SyncSocket, endpoint: str, topic: Topic) -> None:
    """Connect, now or when the other side appears.

    Raises:
        ConfigError: The endpoint is malformed, or would be open to everybody.
    """
    current().guard_client(socket, endpoint, topic)
    try:
        socket.connect(connectable(endpoint))
    except zmq.ZMQError as exc:
        raise ConfigError(
            f"{topic}: {endpoint}: can't be connected to ({zmq.strerror(exc.errno or 0)}); {EXPECTED}; "
            f"set endpoints.{topic}"
        ) from exc
