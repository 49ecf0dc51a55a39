"""One browser: what it looks at, and how much of it is on its way."""

import asyncio
import json
from typing import Any, Literal

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from .recorder import RecordingKind
from .views import Packet, View

WINDOW = 3
"""Frames that may be on their way to a browser: the next is sent when it has drawn one of them."""
MESSAGES = 8
"""Text messages that may wait for a browser before new ones are left out."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser asks for; each field is left out where it changes nothing.

    Attributes:
        views: What it wants to get from now on; none while it is paused or hidden.
        drawn: How many frames it has drawn so far.
        record: What to record from now on, or to stop that.
    """

    views: list[View] | None = None
    drawn: int | None = None
    record: RecordingKind | Literal["stop"] | None = None


_decoder = msgspec.json.Decoder(Request)


class Client:
    """One browser's connection.

    Args:
        socket: Open.

    Attributes:
        views: What it wants to get.
        sent: Frames handed to its socket so far.
    """

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.views: frozenset[View] = frozenset()
        self.sent = 0
        self._drawn = 0
        self._socket = socket
        self._outbox: asyncio.Queue[bytes | str] = asyncio.Queue()

    @property
    def is_ready(self) -> bool:
        """Whether it takes another frame now."""
        return bool(self.views) and self.sent - self._drawn < WINDOW

    def offer(self, packet: Packet) -> None:
        """Send a frame's images that it wants, if it is ready and there are any."""
        if self.is_ready and not self.views.isdisjoint(packet.images):
            self.sent += 1
            self._outbox.put_nowait(packet.parts_for(self.views))

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self.tell_encoded(json.dumps(message))

    def tell_encoded(self, message: str) -> None:
        """Send a message; left out where too many wait already."""
        if self._outbox.qsize() < MESSAGES:
            self._outbox.put_nowait(message)

    async def send(self) -> None:
        """Send what is to be sent, until the connection ends."""
        while True:
            message = await self._outbox.get()
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_str(message)

    def take(self, request: Request) -> None:
        """Follow what it asks for itself."""
        if request.views is not None:
            self.views = frozenset(request.views)
        if request.drawn is not None:
            self._drawn = min(max(self._drawn, request.drawn), self.sent)


def read_request(message: WSMessage) -> Request | None:
    """What a browser's message asks for; None if it can't be understood."""
    if message.type is not WSMsgType.TEXT:
        return None
    try:
        return _decoder.decode(message.data)
    except (msgspec.DecodeError, ValueError):
        return None
