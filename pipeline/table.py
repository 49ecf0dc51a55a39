"""How a running system is shown: a live table on a terminal, a line now and then elsewhere."""

import logging
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from .accounting.health import summary
from .supervision.supervised import Supervised

log = logging.getLogger(__name__)

LINE_S = 5.0
TABLE_S = 0.25
COLOURS = {"running": "green", "failed": "red", "waiting": "red", "starting": "yellow", "draining": "yellow"}


class SystemView:
    """Shows nodes on standard error while a block runs; what is logged meanwhile scrolls by above the table."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._next_s = time.monotonic()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
            _log_to_stderr()  # the live table has put itself before it
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
            _log_to_stderr()

    def show(self, nodes: Iterable[Supervised]) -> None:
        """Bring the table up to date, or log a line for each node, if it is time."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + (TABLE_S if self._live else LINE_S)
        if self._live:
            self._live.update(_table(nodes), refresh=True)
            return
        for node in nodes:
            if node.tally.latest:
                log.info("%s", summary(node.tally.latest))


def _log_to_stderr() -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(sys.stderr)


def _table(nodes: Iterable[Supervised]) -> Table:
    table = Table("node", "state", "pid", "fps", "frames", "p50 ms", "p95 ms", "dropped", "restarts", box=None)
    for node in nodes:
        status, dropped = node.tally.latest, node.tally.dropped()
        latency_ms = status.latency_ms if status else {}
        table.add_row(
            node.name,
            f"[{COLOURS.get(node.state, 'default')}]{node.state}",
            str(node.pid or ""),
            f"{status.fps:.1f}" if status and node.state in ("running", "draining") else "",
            ", ".join(f"{name} {count}" for name, count in node.tally.counts().items()),
            *(f"{latency_ms[name]:.1f}" if name in latency_ms else "" for name in ("p50", "p95")),
            ", ".join(f"{reason} {count}" for reason, count in dropped.items()),
            str(node.tally.restarts or ""),
        )
    return table
