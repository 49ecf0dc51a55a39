"""One link's socket of a publisher, and who listens to it."""

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

import zmq

from irvis.topics import Topic

from .shared import INLINE
from .sockets import open_socket

Stop: TypeAlias = threading.Event | Callable[[], bool]
"""Tells a call that waits to give up."""

LOOK_MS = 50


class Outlet:
    """Sends to those who subscribe; one that has read an End unsubscribes for a moment, and so tells that it has.

    Args:
        context: Whose socket.
        topic: What is sent.
        wait: Whether to wait for a subscriber whose queue is full instead of passing it over.

    Attributes:
        socket: The link's.
        inline: How many listeners want images in the messages.
    """

    def __init__(self, context: zmq.SyncContext, topic: Topic, *, wait: bool = False) -> None:
        self.socket = open_socket(context, zmq.XPUB, topic)
        self.socket.setsockopt(zmq.XPUB_VERBOSER, 1)
        self.socket.setsockopt(zmq.XPUB_NODROP, int(wait))
        self.socket.setsockopt(zmq.SNDTIMEO, LOOK_MS if wait else 0)
        self._topic = topic.encode()
        self.inline = 0
        self._subscribers = 0
        self._unread = 0

    def subscribers(self) -> int:
        """How many have this topic subscribed now."""
        while int(self.socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            note = self.socket.recv()
            if note == b"\1" + self._topic:
                self._subscribers += 1
            elif note == b"\0" + self._topic:
                self._subscribers -= 1
                self._unread -= 1
            elif note[1:] == INLINE:
                self.inline += 1 if note[0] else -1
        return self._subscribers

    def is_end_read(self) -> bool:
        """Whether all who listened when the last message, an End, was sent have read it or gone."""
        return self.subscribers() == 0 or self._unread <= 0

    def wait_for(self, count: int, deadline_s: float) -> bool:
        """Wait until so many subscribe; False if they did not in time."""
        while self.subscribers() < count:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return False
            self.socket.poll(max(1, round(left_s * 1000)))
        return True

    def offer(self, parts: list[zmq.Frame], listeners: int) -> None:
        """Send to whoever can take it now, of so many that listen."""
        self._unread = listeners
        if listeners:
            self.socket.send_multipart(parts, zmq.NOBLOCK, copy=False)

    def repeat(self, parts: list[zmq.Frame]) -> None:
        """Send the last message again, as the latest link may drop any, and listen for a while who has read it."""
        self.socket.send_multipart(parts, zmq.NOBLOCK, copy=False)
        self.socket.poll(LOOK_MS)

    def deliver(self, parts: list[zmq.Frame], count: int, stop: Stop | None) -> bool:
        """Wait for so many subscribers, and until each can take it; False if stopped before."""
        stopped = asked(stop)
        while True:
            self._unread = self.subscribers()
            if self._unread >= count:
                try:
                    self.socket.send(parts[0], zmq.SNDMORE, copy=False)
                except zmq.Again:
                    pass
                else:
                    # A message whose first part was taken is taken whole.
                    self.socket.send_multipart(parts[1:], copy=False)
                    return True
            else:
                self.socket.poll(LOOK_MS)
            if stopped():
                self._unread = 0
                return False


def asked(stop: Stop | None) -> Callable[[], bool]:
    """What to ask whether to give up; never without."""
    return stop.is_set if isinstance(stop, threading.Event) else stop or (lambda: False)
