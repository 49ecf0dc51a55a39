"""`irvis run`: a whole system on this machine from one configuration."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from irvis.config import load
from irvis.errors import IrvisError
from irvis.settings import PipelineConfig

from .accounting.observe import HealthServer
from .accounting.report import Report, make_report, write_json
from .plan import URL_FILE, check, private
from .supervision.supervisor import Supervisor
from .table import SystemView
from .transport import secured

log = logging.getLogger(__name__)


def run(
    config: Path,
    *,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    report: Path | None = None,
) -> int:
    """Run a whole system on this machine: capture, fusion and sinks, each a process of its own.

    It ends by itself when the sources end and every sink has what came. Ctrl-C ends it in order: capture stops,
    what is on its way is fused and recorded, recordings are finished; a second Ctrl-C does not wait for that, a
    third kills. A window that is closed (key q) closes alone; once no sink is left, the system ends too. A node
    that dies is started again; its lost frames are counted.

    Args:
        config: The system's YAML configuration; `irvis config` lists its keys.
        set_: Override a key: --set sync.slop_ms=8. Can be given several times.
        report: Also write the report there, as JSON.
    """
    settings = load(PipelineConfig, config, set_ or [])
    account, stopped_by, failure = run_system(settings, SystemView())
    Console().print(account.table())
    if report:
        write_json(report, asdict(account), "--report")
    if failure:
        raise failure
    return 128 + stopped_by if stopped_by else 0


def run_system(settings: PipelineConfig, view: SystemView) -> tuple[Report, int, IrvisError | None]:
    """Run a system until it has ended.

    Args:
        settings: The system; endpoints at their defaults become private to this run.
        view: Shows it meanwhile.

    Returns:
        The report, the number of the signal that stopped it (0 if none did), and what failed.

    Raises:
        IrvisError: Something that the configuration names can't be used; nothing was started.
    """
    check(settings)
    started = datetime.now().astimezone()
    failure: IrvisError | None = None
    with private(settings) as (resolved, path), secured(resolved.security):
        supervisor = Supervisor(resolved, path, lambda: view.show(supervisor.nodes.values()))
        with view, _signals(supervisor.stop) as received, _told(supervisor, path, resolved.health.port):
            try:
                supervisor.run()
            except IrvisError as exc:
                failure = exc
    tallies = {name: node.tally for name, node in supervisor.nodes.items()}
    ended_by = str(failure) if failure else None
    account = make_report(tallies, started, ended_by, queue_frames=settings.sync.queue_size)
    return account, received[0] if received else 0, failure


@contextmanager
def _told(supervisor: Supervisor, path: Path, port: int) -> Iterator[None]:
    """Tell how the nodes are while a block runs, where `irvis top` and Prometheus ask for it."""
    server = HealthServer(lambda: [node.status() for node in supervisor.nodes.values()], port)
    (path.parent / URL_FILE).write_text(server.url, encoding="utf-8")
    log.info("health: %s/health, %s/metrics, or irvis top", server.url, server.url)
    try:
        yield
    finally:
        server.close()


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Call `stop` on each Ctrl-C and SIGTERM; yields the numbers of the signals so far."""
    received: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
