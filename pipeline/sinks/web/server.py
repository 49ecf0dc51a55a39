"""The HTTP server of the page: its files, and one WebSocket per browser and rig."""

import asyncio
import logging
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from aiohttp import web

from irvis.closing import Closing
from irvis.colours import style_sheet
from irvis.errors import ConfigError, IrvisError
from irvis.overlay import CLASSES
from irvis.thermal import Palette, colour

from .access import Access, is_loopback
from .client import Client, read_request
from .hub import HEALTH_S, RigHub
from .recorder import RecordingKind

log = logging.getLogger(__name__)

PAGE = Path(__file__).with_name("page")
GREYS = np.arange(256, dtype=np.uint8).reshape(1, 256)
HEARTBEAT_S = 10.0
LARGEST_REQUEST_BYTES = 4096
CLOSE_S = 2.0
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class WebServer(Closing):
    """Serves the page from a thread of its own; a context manager that stops it.

    Args:
        hubs: The rigs, at least one.
        host: Address to listen at.
        port: Port to listen at; 0 takes a free one.
        token: What browsers must show; made up if one is needed and None is given.

    Attributes:
        url: Where the page is, with the token if there is one.

    Raises:
        ConfigError: The address can't be listened at.
    """

    def __init__(self, hubs: Sequence[RigHub], host: str, port: int, token: str | None = None) -> None:
        self._hubs = {hub.name: hub for hub in hubs}
        self._access = Access(host, token)
        self._socket = _listen(host, port)
        self.url = _url(host, self._socket.getsockname()[1], self._access.token)
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="web")
        self._thread.start()

    def close(self) -> None:
        """Say goodbye to the browsers and free the port; twice is once."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        app = web.Application(middlewares=[self._access.middleware])
        app.router.add_get("/", _index)
        app.router.add_get("/page/colours.css", _colours)
        app.router.add_static("/page", PAGE)
        app.router.add_get("/about", self._about)
        app.router.add_get("/stream/{rig}", self._stream)
        app.router.add_get("/recordings/{rig}/{name}", self._recording)
        app.on_response_prepare.append(_add_headers)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_S)
        await runner.setup()
        await web.SockSite(runner, self._socket).start()
        for hub in self._hubs.values():
            hub.attach(self._loop)
        try:
            while not self._over.is_set():
                for hub in self._hubs.values():
                    hub.tell_health()
                await _wait(self._over, HEALTH_S)
        finally:
            for hub in self._hubs.values():
                hub.attach(None)
                await asyncio.to_thread(hub.recorder.stop)
            await runner.cleanup()

    async def _about(self, _request: web.Request) -> web.Response:
        """What the page has to know before it shows anything; colours are [red, green, blue]."""
        classes = [[name, bgr[::-1]] for name, bgr in CLASSES]
        palettes = {name: colour(GREYS, name)[0, :, ::-1].tolist() for name in get_args(Palette)}
        return web.json_response({"rigs": list(self._hubs), "classes": classes, "palettes": palettes})

    async def _recording(self, request: web.Request) -> web.FileResponse:
        for path in self._hub_of(request).recorder.finished:
            if path.name == request.match_info["name"]:
                return web.FileResponse(path, headers={"Content-Disposition": "attachment"})
        raise web.HTTPNotFound

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        hub = self._hub_of(request)
        answer = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST_REQUEST_BYTES, compress=False)
        await answer.prepare(request)
        client = Client(answer)
        client.tell({"type": "hello", "history": hub.history()})
        hub.join(client)
        sending = asyncio.create_task(client.send())
        closing = asyncio.create_task(self._close_with(answer))
        try:
            async for message in answer:
                wish = read_request(message)
                if wish is None:
                    continue
                client.take(wish)
                hub.look()
                if wish.record is not None:
                    await _record(hub, client, wish.record)
        finally:
            hub.leave(client)
            for task in (sending, closing):
                task.cancel()
            await asyncio.gather(sending, closing, return_exceptions=True)
        return answer

    async def _close_with(self, answer: web.WebSocketResponse) -> None:
        await self._over.wait()
        await answer.close()

    def _hub_of(self, request: web.Request) -> RigHub:
        try:
            return self._hubs[request.match_info["rig"]]
        except KeyError as exc:
            raise web.HTTPNotFound from exc


async def _record(hub: RigHub, client: Client, wish: RecordingKind | Literal["stop"]) -> None:
    try:
        if wish == "stop":
            await asyncio.to_thread(hub.recorder.stop)
        else:
            await asyncio.to_thread(hub.recorder.start, wish)
    except IrvisError as exc:
        client.tell({"type": "error", "message": str(exc)})
    hub.tell_health()


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html")


async def _colours(_request: web.Request) -> web.Response:
    return web.Response(text=style_sheet(), content_type="text/css")


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except TimeoutError:
        return


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise ConfigError(
            f"web: {host}:{port} can't be listened at ({exc.strerror}); expected an address of this machine and a "
            "free port: set the web sink's `host` and `port` (0 takes a free one)"
        ) from exc


def _url(host: str, port: int, token: str | None) -> str:
    shown = "localhost" if is_loopback(host) else socket.gethostname() if host in ("0.0.0.0", "::") else host
    return f"http://{shown}:{port}/" + (f"?token={token}" if token else "")
