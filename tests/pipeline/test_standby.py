"""Nodes that are forks of a process which stands by, and what becomes of them and of it."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from pipeline.health import VERSION, NodeStatus
from pipeline.process import Child
from pipeline.standby import Standby
from pipeline.supervised import Supervised

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt forks")
DEADLINE_S = 60.0
LOOK_S = 0.02
ENDLESS = ["node", "fuse", "CONFIG", "--supervisor", str(os.getpid())]
"""A node that waits for its first frame."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    source = {"kind": "file", "path": "none.mp4"}
    endpoints = {name: f"ipc://{tmp_path / name}" for name in ("visible", "infrared", "fused", "health")}
    path = tmp_path / "system.yaml"
    tree = {"visible": source, "infrared": source, "engine": {"kind": "average"}, "endpoints": endpoints}
    path.write_text(yaml.safe_dump(tree))
    return path


@pytest.fixture
def standby(config: Path) -> Iterator[Standby]:
    made = Standby(config)
    yield made
    made.close()


def children() -> set[psutil.Process]:
    return set(psutil.Process().children())


def started(standby: Standby, *arguments: str) -> Child:
    """A command's process; waits until the one that stands by is ready."""
    deadline_s = time.monotonic() + DEADLINE_S
    while (child := standby.start(arguments)) is None:
        assert time.monotonic() < deadline_s, "it is never ready"
        time.sleep(LOOK_S)
    return child


def said(child: Child) -> str:
    assert child.stderr is not None
    with child.stderr:
        return child.stderr.read()


def test_nothing_starts_before_the_process_that_stands_by_is_ready(standby: Standby) -> None:
    standby.open()
    assert standby.start(["config", "sync"]) is None


def test_commands_run_in_forks_whose_end_is_told(standby: Standby, config: Path, tmp_path: Path) -> None:
    before = children()
    standby.open()
    (stands_by,) = children() - before
    endless = [str(config) if word == "CONFIG" else word for word in ENDLESS]
    nodes = [started(standby, *endless) for _ in range(2)]
    assert children() - before == {stands_by, *(psutil.Process(node.pid) for node in nodes)}
    for node in nodes:
        assert node.poll() is None
        node.send_signal(signal.SIGKILL)
        assert node.wait() == -signal.SIGKILL
        said(node)
    child = started(standby, "run", str(tmp_path / "none.yaml"))
    assert "none.yaml" in said(child)
    assert child.wait() == 2
    child.send_signal(signal.SIGTERM)  # is for nobody any more


def test_forks_have_nothing_open_that_would_keep_the_process_that_stands_by(
    standby: Standby, config: Path
) -> None:
    before = children()
    standby.open()
    (stands_by,) = children() - before
    node = started(standby, *(str(config) if word == "CONFIG" else word for word in ENDLESS))
    psutil.Process(stands_by.pid).kill()
    psutil.wait_procs([stands_by], DEADLINE_S)
    assert node.poll() is None
    node.send_signal(signal.SIGKILL)
    node.wait()
    said(node)
    # Nobody stands by: the next one is a process of its own.
    alone = started(standby, "run", "none.yaml")
    assert "none.yaml" in said(alone)
    assert alone.wait() == 2


def test_closed_it_leaves_no_process(standby: Standby) -> None:
    before = children()
    standby.open()
    assert len(children()) == len(before) + 1
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
