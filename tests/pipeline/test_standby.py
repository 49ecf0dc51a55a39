"""Nodes that start in a process which waited for it, and what becomes of that process."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from pipeline.health import VERSION, NodeStatus
from pipeline.standby import Standby
from pipeline.supervised import Supervised

DEADLINE_S = 60.0


@pytest.fixture
def standby(tmp_path: Path) -> Iterator[Standby]:
    source = {"kind": "synthetic"}
    path = tmp_path / "system.yaml"
    path.write_text(yaml.safe_dump({"visible": source, "infrared": source, "engine": {"kind": "average"}}))
    made = Standby(path)
    yield made
    made.close()


def children() -> list[psutil.Process]:
    return psutil.Process().children()


def test_process_that_waits_runs_the_command(standby: Standby) -> None:
    before = children()
    standby.refill()
    (waiting,) = set(children()) - set(before)
    with standby.start(["config", "sync"]) as process:
        assert process.pid == waiting.pid
        assert process.wait(DEADLINE_S) == 0


def test_there_is_one_that_waits_at_most(standby: Standby) -> None:
    before = children()
    standby.refill()
    standby.refill()
    assert len(children()) == len(before) + 1


def test_without_one_that_waits_the_command_runs_in_a_new_process(standby: Standby) -> None:
    standby.refill()
    with standby.start(["config", "sync"]) as first, standby.start(["config", "rig"]) as second:
        assert [process.wait(DEADLINE_S) for process in (first, second)] == [0, 0]


def test_one_that_died_waiting_is_replaced_by_a_new_process(standby: Standby) -> None:
    before = children()
    standby.refill()
    (waiting,) = set(children()) - set(before)
    waiting.kill()
    psutil.wait_procs([waiting], DEADLINE_S)
    with standby.start(["config", "sync"]) as process:
        assert process.pid != waiting.pid
        assert process.wait(DEADLINE_S) == 0


def test_closed_it_leaves_no_process(standby: Standby) -> None:
    before = children()
    standby.refill()
    standby.close()
    assert children() == before


def test_a_node_that_comes_back_keeps_the_engine_that_it_chose() -> None:
    fuse = Supervised("fuse", steady_s=1.0)
    assert "--set" not in fuse.command(Path("system.yaml"))
    fuse.take(NodeStatus(VERSION, "fuse", 7, "running", {}, {}, 0, 0, {}, {"engine_kind": "openvino"}, 0))
    assert fuse.command(Path("system.yaml"))[-2:] == ["--set", "engine.kind=openvino"]


def test_an_engine_with_which_it_never_ran_is_chosen_anew() -> None:
    fuse = Supervised("fuse", steady_s=1.0)
    fuse.take(NodeStatus(VERSION, "fuse", 7, "running", {}, {}, 0, 0, {}, {"engine_kind": "openvino"}, 0))
    fuse.take(NodeStatus(VERSION, "fuse", 8, "starting", {}, {}, 0, 0, {}, {}, 0))
    assert "--set" not in fuse.command(Path("system.yaml"))
