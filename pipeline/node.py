"""What all nodes share: a process that works until its stream ends or it is told to stop, and says how it is."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Protocol, Self

import cv2

from irvis.errors import IrvisError
from irvis.log import Limiter
from irvis.settings import PipelineConfig
from irvis.timing import DropCounter

from .accounting.health import REPORT_S, HealthReporter
from .accounting.observe import HealthServer
from .transport import secured

log = logging.getLogger(__name__)

FAILURES_IN_A_ROW = 10
DRAIN_SHARE = 0.8
"""Of `supervision.drain_s`: a node gives up draining before it is ended."""


class Node(Protocol):
    """One process of the system."""

    @property
    def name(self) -> str:
        """What it is called in reports."""

    def run(self, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
        """Work until the stream ends or `stop` is set, then finish what is held, publish the End, close.

        It enters `running` and `draining` itself; `run_node` does the rest.

        Raises:
            IrvisError: It can't go on.
        """


def run_node(node: Node, config: PipelineConfig, *, supervised: bool = False) -> None:
    """Run a node in this process until it ends.

    SIGTERM and SIGINT tell it to stop; a second one of the same kind does what it does by default.

    Args:
        node: What to run.
        config: The system's configuration.
        supervised: Whether somebody listens at `endpoints.health`; otherwise the health is logged.

    Raises:
        IrvisError: The node failed; its `exit_code` is the process's.
    """
    # Nodes run side by side: OpenCV's own threads would spin on cores that another node needs.
    cv2.setNumThreads(1)
    stop = threading.Event()
    reporter = HealthReporter(node.name, config.endpoints.health if supervised else None)
    server = HealthServer(lambda: [reporter.status()], 0 if supervised else config.health.port)
    reporter.detail["health"] = server.url
    if not supervised:
        log.info("%s: %s/health, %s/metrics", node.name, server.url, server.url)
    try:
        with secured(config.security):
            _run(node, config, stop, reporter)
    finally:
        server.close()


def _run(node: Node, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
    try:
        with _signals_set(stop), _ticking(reporter):
            reporter.enter("starting")
            try:
                node.run(config, stop, reporter)
            except BaseException as exc:
                known = isinstance(exc, IrvisError)
                reporter.enter("failed", str(exc) if known else f"{type(exc).__name__}: {exc}")
                raise
            reporter.enter("ended")
    finally:
        reporter.close()


class FrameGuard:
    """Lets single frames fail: each is counted, logged at most once a second, and too many in a row are an error.

    Args:
        dropped: Where to count.
        reason: What to count a failed frame as.

    Example:
        >>> dropped = DropCounter()
        >>> with FrameGuard(dropped, "engine_failed"): raise IrvisError("out of memory")
        >>> dropped
        Counter({'engine_failed': 1})
    """

    def __init__(self, dropped: DropCounter, reason: str) -> None:
        self._dropped = dropped
        self._reason = reason
        self._in_a_row = 0
        self._limiter = Limiter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if exc is None:
            self._in_a_row = 0
            return False
        if not isinstance(exc, Exception):
            return False
        self._in_a_row += 1
        self._dropped[self._reason] += 1
        if self._limiter.allows(self._reason):
            log.warning(
                "%s, %d so far: %s: %s", self._reason, self._dropped[self._reason], kind and kind.__name__, exc
            )
        return self._in_a_row < FAILURES_IN_A_ROW


def patience(stop: threading.Event, drain_s: float) -> Callable[[], bool]:
    """For calls that wait while a node drains: true once `stop` has been set for most of `drain_s`."""
    set_at_s: list[float] = []

    def is_over() -> bool:
        if not stop.is_set():
            return False
        if not set_at_s:
            set_at_s.append(time.monotonic())
        return time.monotonic() - set_at_s[0] > DRAIN_SHARE * drain_s

    return is_over


@contextmanager
def _signals_set(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, _frame: FrameType | None) -> None:
        # Not here: the wait that this interrupts may hold the event's lock.
        threading.Thread(target=stop.set, name="stop").start()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _ticking(reporter: HealthReporter) -> Iterator[None]:
    """Keep reporting while the node waits for something, so that silence means that it is stuck or dead."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(REPORT_S):
            reporter.tick()

    thread = threading.Thread(target=tick, name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
