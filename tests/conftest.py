"""What all tests share: hypothesis without deadlines, since the machine is shared, and cameras on the network."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, TypeAlias, TypeVar

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("irvis", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("irvis")

NextPicture: TypeAlias = Callable[[str], bytes | None]
"""The next JPEG of the camera of this name; None while it has none."""


class Server(Protocol):
    """What a socketserver has, and an event that ends its streams."""

    over: threading.Event

    def __enter__(self) -> object: ...
    def __exit__(self, *exc: object) -> None: ...
    def serve_forever(self, poll_interval: float = ...) -> None: ...
    def shutdown(self) -> None: ...


ServerT = TypeVar("ServerT", bound=Server)


class MjpegServer(ThreadingHTTPServer):
    """Serves cameras as MJPEG over HTTP on loopback, as network cameras do, until `over` is set."""

    daemon_threads = True

    def __init__(self, next_picture: NextPicture, rates_hz: Mapping[str, float]) -> None:
        super().__init__(("127.0.0.1", 0), MjpegHandler)
        self.next_picture, self.rates_hz = next_picture, rates_hz
        self.over = threading.Event()

    def url(self, camera: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{camera}"


class MjpegHandler(BaseHTTPRequestHandler):
    server: MjpegServer

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        camera = self.path.strip("/")
        try:
            while not self.server.over.wait(1 / self.server.rates_hz[camera]):
                if picture := self.server.next_picture(camera):
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                    self.wfile.write(head.encode() + picture + b"\r\n")
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[ServerT], ServerT]]:
    """Runs servers until the test is over."""
    with ExitStack() as stack:

        def run(server: ServerT) -> ServerT:
            stack.enter_context(server)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            stack.callback(server.shutdown)
            stack.callback(server.over.set)
            return server

        yield run


@pytest.fixture
def serve_mjpeg(serve: Callable[[MjpegServer], MjpegServer]) -> Callable[..., MjpegServer]:
    """Serves cameras by name: the function that gives their pictures, and their rates [Hz]."""
    return lambda next_picture, rates_hz: serve(MjpegServer(next_picture, rates_hz))
