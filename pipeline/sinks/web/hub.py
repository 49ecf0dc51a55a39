"""One rig's newest frame, handed to every browser that is ready for it."""

import asyncio
import json
import threading
from typing import Any

from irvis.frame import FusedFrame

from .client import Client
from .recorder import PageRecorder
from .stats import StreamStats
from .views import Packet, View, encode

HEALTH_S = 0.5


class RigHub:
    """Where the thread that receives frames meets the server's event loop.

    Args:
        name: What browsers call the rig.
        jpeg_quality: Of pictures.
        recorder: Writes the rig's recordings.

    Attributes:
        name: The same.
        recorder: The same.
        encoded: How many images were encoded so far.
    """

    def __init__(self, name: str, jpeg_quality: int, recorder: PageRecorder) -> None:
        self.name = name
        self.recorder = recorder
        self.encoded = 0
        self._jpeg_quality = jpeg_quality
        self._stats = StreamStats()
        self._clients: set[Client] = set()
        self._wanted: frozenset[View] = frozenset()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def publish(self, frame: FusedFrame) -> bool:
        """Take a frame, on any one thread; whether a browser was ready for it."""
        self._stats.take(frame)
        self.recorder.take(frame)
        wanted = self._wanted
        if not wanted:
            return False
        packet = encode(frame, wanted, self._jpeg_quality)
        self.encoded += len(packet.images)
        with self._lock:
            if self._loop:
                self._loop.call_soon_threadsafe(self._deliver, packet)
        return True

    def attach(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Begin to deliver on an event loop, or stop with None."""
        with self._lock:
            self._loop = loop

    def join(self, client: Client) -> None:
        """Take a browser in; on the loop, as all below."""
        self._clients.add(client)
        client.tell({"type": "health", **self._summary()})

    def leave(self, client: Client) -> None:
        """Let a browser go."""
        self._clients.discard(client)
        self.look()

    def look(self) -> None:
        """See again which views are waited for; after each change of a browser."""
        ready = [client.views for client in self._clients if client.is_ready]
        self._wanted = frozenset[View]().union(*ready)

    def history(self) -> list[dict[str, Any]]:
        """Summaries of the last minutes, oldest first."""
        return list(self._stats.history)

    def tell_health(self) -> None:
        """Sum up the stream and tell every browser; to be called every `HEALTH_S`."""
        self._stats.remember()
        message = json.dumps({"type": "health", **self._summary()})
        for client in self._clients:
            client.tell_encoded(message)

    def _summary(self) -> dict[str, Any]:
        return {**self._stats.summary(), "recording": self.recorder.state(), "browsers": len(self._clients)}

    def _deliver(self, packet: Packet) -> None:
        for client in self._clients:
            client.offer(packet)
        self.look()
