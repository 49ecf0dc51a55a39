"""`irvis top`: what the nodes of running systems do, live."""

import json
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.error import URLError

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live
from rich.table import Table

from irvis.clock import NS_PER_S, now_ns
from irvis.errors import ConfigError

from .plan import PREFIX, URL_FILE

ANSWER_S = 2.0
SILENT = {"state": "no answer", "fps": 0.0, "latency_ms": {}, "counts": {}, "dropped": {}, "detail": {}}
STATES = {"no answer": "red", "running": "green", "failed": "red", "starting": "yellow", "draining": "yellow"}


def top(*urls: str, once: bool = False, interval_s: Annotated[float, Parameter(name="--interval")] = 1.0) -> None:
    """Show the nodes of running systems: rates, latencies, states of the cameras, drops. Ctrl-C ends it.

    Args:
        urls: Of systems or nodes, as they log when they start; without, every system that runs on this machine.
        once: Print it once instead of keeping it up to date.
        interval_s: Time between two looks [s].
    """
    console = Console()
    if once or not console.is_terminal:
        (console if console.is_terminal else Console(width=200)).print(_table(_look(list(urls))))
        return
    with Live(console=console, auto_refresh=False, screen=False) as live:
        while True:
            live.update(_table(_look(list(urls))), refresh=True)
            time.sleep(interval_s)


def running_urls() -> Iterator[str]:
    """Of the systems that run on this machine."""
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{URL_FILE}")):
        yield path.read_text(encoding="utf-8").strip()


def _look(urls: list[str]) -> list[dict[str, Any]]:
    found = urls or list(running_urls())
    if not found:
        raise ConfigError("no system runs on this machine; start one with `irvis run`, or name a node's URL")
    nodes: list[dict[str, Any]] = []
    silent: dict[str, object] = {}
    for url in found:
        try:
            with urllib.request.urlopen(f"{url.removesuffix('/health')}/health", timeout=ANSWER_S) as answer:
                nodes += json.load(answer)["nodes"]
        except urllib.request.HTTPError as exc:
            nodes += json.load(exc)["nodes"]
        except (URLError, OSError, ValueError, KeyError) as exc:
            silent[url] = getattr(exc, "reason", exc)
    if urls and not nodes:
        said = "; ".join(f"{url}: no node answers there ({why})" for url, why in silent.items())
        raise ConfigError(f"{said}; expected URLs that `irvis run` or a node logged, and that these still run")
    return nodes + [{**SILENT, "node": url} for url in silent if urls]


def _table(nodes: list[dict[str, Any]]) -> Table:
    table = Table(
        "node", "state", "fps", "p50 ms", "p95 ms", "p99 ms", "age s", "frames", "dropped", "detail", box=None
    )
    for node in nodes:
        latency_ms = node["latency_ms"]
        detail = {name: text for name, text in node["detail"].items() if not name.startswith("engine")}
        table.add_row(
            node["node"],
            f"[{STATES.get(node['state'], 'default')}]{node['state']}",
            f"{node['fps']:.1f}",
            *(f"{latency_ms[name]:.1f}" if name in latency_ms else "" for name in ("p50", "p95", "p99")),
            f"{max(0.0, (now_ns() - node['sent_ns']) / NS_PER_S):.1f}" if "sent_ns" in node else "",
            _list(node["counts"]),
            _list(node["dropped"]),
            _list(detail),
        )
    return table


def _list(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
