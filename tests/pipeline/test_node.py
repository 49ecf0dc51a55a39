"""A node's life: signals, states, exit, and what a failing frame does."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from irvis.errors import EngineError
from irvis.settings import PipelineConfig
from irvis.timing import DropCounter
from pipeline.accounting.health import HealthReporter, NodeStatus, decode
from pipeline.node import FAILURES_IN_A_ROW, FrameGuard, patience, run_node
from pipeline.transport import HealthReceiver

DEADLINE_S = 60.0
Work = Callable[[threading.Event, HealthReporter], None]


class PartNode:
    """A node that does one thing."""

    name = "part"

    def __init__(self, work: Work) -> None:
        self._work = work

    def run(self, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
        self._work(stop, reporter)


@pytest.fixture
def config(tmp_path_factory: pytest.TempPathFactory) -> PipelineConfig:
    file = {"kind": "file", "path": "x.mp4"}
    health = f"ipc://{tmp_path_factory.mktemp('s') / 'health'}"
    return PipelineConfig.model_validate({"visible": file, "infrared": file, "endpoints": {"health": health}})


@pytest.fixture
def supervisor(config: PipelineConfig) -> Iterator[HealthReceiver]:
    with closing(HealthReceiver(config.endpoints.health)) as receiver:
        yield receiver


def statuses(supervisor: HealthReceiver) -> Iterator[NodeStatus]:
    while (payload := supervisor.receive(DEADLINE_S)) is not None:
        status = decode(payload)
        yield status
        if status.state in ("ended", "failed"):
            return


SIGNALLED = """
import os, signal, sys
from irvis.settings import PipelineConfig
from pipeline.node import run_node

class PartNode:
    name = "part"

    def run(self, config, stop, reporter):
        os.kill(os.getpid(), int(sys.argv[1]))
        assert stop.wait(20)

before = signal.getsignal(int(sys.argv[1]))
run_node(PartNode(), PipelineConfig.model_validate_json(sys.argv[2]))
assert signal.getsignal(int(sys.argv[1])) is before
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_node_and_leaves_the_handlers_as_they_were(
    number: signal.Signals, config: PipelineConfig
) -> None:
    # In a process of its own: other tests' libraries leave threads here that a signal may reach.
    given = config.model_dump_json(exclude_unset=True)
    arguments = [sys.executable, "-c", SIGNALLED, str(int(number)), given]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_supervised_node_reports_its_states(config: PipelineConfig, supervisor: HealthReceiver) -> None:
    def work(stop: threading.Event, reporter: HealthReporter) -> None:
        reporter.enter("running")
        reporter.count("shown")
        reporter.enter("draining")

    run_node(PartNode(work), config, supervised=True)
    seen = list(statuses(supervisor))
    assert [status.state for status in seen] == ["starting", "running", "draining", "ended"]
    assert {(status.node, status.pid) for status in seen} == {("part", os.getpid())}
    assert seen[-1].counts == {"shown": 1}


def test_a_node_that_waits_still_reports(config: PipelineConfig, supervisor: HealthReceiver) -> None:
    seen: list[NodeStatus] = []

    def work(stop: threading.Event, reporter: HealthReporter) -> None:
        for status in statuses(supervisor):
            seen.append(status)
            if len(seen) == 3:
                return

    run_node(PartNode(work), config, supervised=True)
    assert [status.state for status in seen] == ["starting"] * 3


@pytest.mark.parametrize(
    ("error", "message"), [(EngineError("no such engine"), "no such engine"), (KeyError("x"), "KeyError: 'x'")]
)
def test_a_failing_node_says_why_and_raises(
    error: Exception, message: str, config: PipelineConfig, supervisor: HealthReceiver
) -> None:
    def work(stop: threading.Event, reporter: HealthReporter) -> None:
        raise error

    with pytest.raises(type(error)):
        run_node(PartNode(work), config, supervised=True)
    last = list(statuses(supervisor))[-1]
    assert (last.state, last.detail["message"]) == ("failed", message)


def test_single_failures_are_counted_and_many_in_a_row_raised() -> None:
    dropped = DropCounter()
    guard = FrameGuard(dropped, "engine_failed")
    for failures in (1, FAILURES_IN_A_ROW - 1):
        for _ in range(failures):
            with guard:
                raise EngineError("out of memory")
        with guard:
            pass
    assert dropped == {"engine_failed": FAILURES_IN_A_ROW}
    with pytest.raises(EngineError):  # noqa: PT012
        for _ in range(FAILURES_IN_A_ROW):
            with guard:
                raise EngineError("out of memory")


def test_a_guard_does_not_hold_an_interrupt_back() -> None:
    with pytest.raises(KeyboardInterrupt), FrameGuard(DropCounter(), "engine_failed"):
        raise KeyboardInterrupt


def test_patience_ends_a_while_after_the_stop() -> None:
    stop = threading.Event()
    is_over = patience(stop, drain_s=0.1)
    assert not is_over()
    stop.set()
    assert not is_over()
    deadline_s = time.monotonic() + DEADLINE_S
    while not is_over():
        assert time.monotonic() < deadline_s
