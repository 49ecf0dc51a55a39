"""Who may connect: CURVE keys on every tcp link of a deployment, and a list of the keys that are let in.

A process has one identity, which all its sockets share: see `secured`.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import zmq
import zmq.auth
from zmq.utils import z85

from irvis.errors import ConfigError
from irvis.log import Limiter
from irvis.settings import Security
from irvis.topics import Topic

from .keys import ALLOWED, load_key, load_public

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "::1", "localhost")
ZAP_ENDPOINT = "inproc://zeromq.zap.01"
ZAP_VERSION = b"1.0"
REFUSED = b"300", b"not allowed yet"
"""A temporary refusal: who is refused tries again, and gets in once its key is allowed."""


class Identity:
    """This process's keys, and whom it knows.

    Args:
        settings: The `security` section.

    Raises:
        ConfigError: A key is missing or unreadable.
    """

    def __init__(self, settings: Security) -> None:
        self._settings = settings
        self._folder = settings.keys
        if settings.keys is not None:
            self._public, self._secret = load_key(settings.keys, settings.name)
            self._publishers = {
                topic: load_public(
                    settings.keys / ALLOWED / f"{settings.publishers.get(topic, settings.name)}.key"
                )
                for topic in Topic
            }

    def guard_server(self, socket: zmq.SyncSocket, endpoint: str, topic: Topic) -> None:
        """Make a socket that is about to be bound let in only those who may.

        Raises:
            ConfigError: It would be open to other hosts.
        """
        if not self._is_encrypted(endpoint, topic):
            return
        Gatekeeper(socket.context, self._folder or Path())
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = self._public, self._secret
        socket.zap_domain = topic.encode()

    def guard_client(self, socket: zmq.SyncSocket, endpoint: str, topic: Topic) -> None:
        """Make a socket that is about to be connected show who it is, and know whom it talks to.

        Raises:
            ConfigError: It would talk to another host in the open.
        """
        if self._is_encrypted(endpoint, topic):
            socket.curve_publickey, socket.curve_secretkey = self._public, self._secret
            socket.curve_serverkey = self._publishers[topic]

    def _is_encrypted(self, endpoint: str, topic: Topic) -> bool:
        if not endpoint.startswith("tcp://"):
            return False
        if self._settings.keys is None and not (self._settings.insecure or _is_loopback(endpoint)):
            raise ConfigError(
                f"{topic}: {endpoint} reaches other hosts, and nothing says who may connect; make a key with "
                "`irvis keys new NAME` and set security.keys, or set `security: {insecure: true}` to leave it open"
            )
        return self._settings.keys is not None


class Gatekeeper:
    """Answers ZeroMQ's question whether a key may connect (ZAP, ZeroMQ RFC 27), for all sockets of a context.

    It ends with the context. A key that was allowed in the meantime is let in without a restart.

    Args:
        context: Whose sockets; another gatekeeper of the same context changes nothing.
        folder: Of the keys.
    """

    def __init__(self, context: zmq.SyncContext, folder: Path) -> None:
        self._folder = folder / ALLOWED
        self._limiter = Limiter()
        socket = context.socket(zmq.REP)
        try:
            socket.bind(ZAP_ENDPOINT)
        except zmq.ZMQError:
            socket.close(0)
            return
        threading.Thread(target=self._answer, args=(socket,), name="gatekeeper", daemon=True).start()

    def _answer(self, socket: zmq.SyncSocket) -> None:
        try:
            while True:
                _, request, domain, address, _, mechanism, *credentials = socket.recv_multipart()
                key = z85.encode(credentials[0]) if mechanism == b"CURVE" and credentials else b""
                known = key in _allowed(self._folder)
                if not known:
                    self._refuse(domain.decode(errors="replace"), address.decode(errors="replace"), key)
                code, text = (b"200", b"OK") if known else REFUSED
                socket.send_multipart([ZAP_VERSION, request, code, text, key, b""])
        except zmq.ContextTerminated:
            socket.close(0)

    def _refuse(self, domain: str, address: str, key: bytes) -> None:
        if self._limiter.allows(address):
            log.warning(
                "%s: refused %s, which has key %s; if it may connect, put its .key file into %s",
                *(domain, address, key.decode() or "none", self._folder),
            )


def current() -> Identity:
    """This process's identity."""
    return _current


@contextmanager
def secured(settings: Security) -> Iterator[None]:
    """Give this process an identity while a block runs; sockets that are made in it have it.

    Raises:
        ConfigError: A key is missing or unreadable.
    """
    global _current
    before, _current = _current, Identity(settings)
    try:
        yield
    finally:
        _current = before


def _allowed(folder: Path) -> set[bytes]:
    known = set()
    for path in folder.glob("*.key"):
        try:
            known.add(load_public(path))
        except ConfigError as exc:
            log.warning("%s", exc)
    return known


def _is_loopback(endpoint: str) -> bool:
    return (urlsplit(endpoint.replace("*", "0")).hostname or "") in LOOPBACK


_current = Identity(Security())
