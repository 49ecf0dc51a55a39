"""Nodes that are forks of a process which stands by, and what becomes of them and of it."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import yaml

from pipeline.accounting.health import VERSION, NodeStatus
from pipeline.supervision.process import Child
from pipeline.supervision.standby import Standby
from pipeline.supervision.supervised import Supervised

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt forks")
DEADLINE_S = 180.0
LOOK_S = 0.02
ENDLESS = ["node", "fuse", "CONFIG", "--supervisor", str(os.getpid())]
"""A node that waits for its first frame."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("s")
    source = {"kind": "file", "path": "none.mp4"}
    endpoints = {name: f"ipc://{folder / name}" for name in ("visible", "infrared", "fused", "health")}
    path = folder / "system.yaml"
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


@dataclass
class Story:
    """What became of nodes, a command, the process that stood by, a node that it left, and a command after it."""

    are_children: bool
    killed: list[int]
    command: tuple[str, int]
    outlived: bool
    alone: tuple[str, int]


@pytest.fixture(scope="module")
def story(config: Path) -> Story:
    standby, before = Standby(config), children()
    with closing(standby):
        standby.open()
        (stands_by,) = children() - before
        endless = [str(config) if word == "CONFIG" else word for word in ENDLESS]
        nodes = [started(standby, *endless) for _ in range(3)]
        are_children = children() - before == {stands_by, *(psutil.Process(node.pid) for node in nodes)}
        *killed, last = nodes
        codes = [killed_by_us(node) for node in killed]
        command = outcome(started(standby, "run", "none.yaml"))
        psutil.Process(stands_by.pid).kill()
        psutil.wait_procs([stands_by], DEADLINE_S)
        outlived = last.poll() is None
        killed_by_us(last)
        return Story(are_children, codes, command, outlived, outcome(started(standby, "run", "none.yaml")))


def killed_by_us(node: Child) -> int:
    node.send_signal(signal.SIGKILL)
    code = node.wait()
    said(node)
    return code


def outcome(child: Child) -> tuple[str, int]:
    """What a command said, and its exit code."""
    said_so, code = said(child), child.wait()
    child.send_signal(signal.SIGTERM)  # is for nobody any more
    return said_so, code


def test_nodes_are_forks_and_children_of_the_one_who_asked(story: Story) -> None:
    assert story.are_children


def test_the_end_of_a_fork_is_told(story: Story) -> None:
    assert story.killed == [-signal.SIGKILL] * 2
    assert "none.yaml" in story.command[0]
    assert story.command[1] == 2


def test_forks_outlive_the_process_that_stands_by_and_have_nothing_open_that_would_keep_it(story: Story) -> None:
    assert story.outlived


def test_when_nobody_stands_by_the_next_one_is_a_process_of_its_own(story: Story) -> None:
    assert "none.yaml" in story.alone[0]
    assert story.alone[1] == 2


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
