"""What a running node or system says over HTTP: `/health` for people and scripts, `/metrics` for Prometheus."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

import msgspec

from irvis.errors import ConfigError

from .health import NodeStatus

log = logging.getLogger(__name__)

Statuses: TypeAlias = Callable[[], Sequence[NodeStatus]]
WELL = ("starting", "running", "draining", "ended")


class HealthServer:
    """Serves node statuses on this machine; a thread of its own.

    `/health` answers 200 while all nodes are well and 503 otherwise, with the statuses as JSON; `/metrics` answers
    in the text format of Prometheus.

    Args:
        statuses: Gives what is to be told, when it is asked for.
        port: Where to listen on 127.0.0.1; 0 is any free port.

    Attributes:
        url: Where it listens.

    Raises:
        ConfigError: The port is in use.
    """

    def __init__(self, statuses: Statuses, port: int) -> None:
        class Handler(_Handler):
            given = staticmethod(statuses)

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as exc:
            raise ConfigError(
                f"health.port: {port}: can't be listened at ({exc.strerror}); choose another, or 0 for any"
            ) from exc
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="health server", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    given: Statuses

    def do_GET(self) -> None:
        """Answer; HTTP's own name for it."""
        statuses = self.given()
        if self.path == "/metrics":
            from .metrics import CONTENT_TYPE, exposition  # the library is only loaded where it is asked for

            self._answer(200, CONTENT_TYPE, exposition(statuses))
        elif self.path in ("/", "/health"):
            well = all(status.state in WELL for status in statuses)
            nodes = [msgspec.structs.asdict(status) for status in statuses]
            answer = json.dumps({"well": well, "nodes": nodes}, indent=2).encode()
            self._answer(200 if well else 503, "application/json", answer)
        else:
            self._answer(404, "text/plain", b"expected /health or /metrics\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""

    def _answer(self, code: int, content_type: str, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
