"""`irvis run` on real nodes: every frame accounted for, deaths survived, nothing left behind."""

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import av
import cv2
import numpy as np
import psutil
import pytest
import yaml

from irvis.frame import FusedFrame
from irvis.topics import Topic
from pipeline.transport import Subscriber

DEADLINE_S = 180.0
"""Where others keep the cores busy, a system takes a minute to start."""
LOOK_S = 0.02
IMAGES = 60
Tree = dict[str, Any]
Found = TypeVar("Found")


class System:
    """`irvis run` in a process of its own, on small images with the averaging engine.

    Args:
        folder: For the images, the recording, the report and the sockets of the fused topic.
        loop: Whether the images are repeated for ever.
        changes: Sections of the configuration to set.
    """

    def __init__(self, folder: Path, *, loop: bool, **changes: object) -> None:
        for number in range(IMAGES):
            cv2.imwrite(str(folder / f"{number:02d}.png"), np.full((64, 96, 3), 4 * number, np.uint8))
        source = {"kind": "folder", "path": str(folder), "fps": 50, "loop": loop}
        self.folder = folder
        self.video = folder / "out.mp4"
        self.endpoint = f"ipc://{folder}/fused"
        tree: Tree = {
            "visible": source,
            "infrared": source,
            "sync": {"link": "lossless"},
            "engine": {"kind": "average"},
            "sinks": [{"kind": "video", "path": str(self.video), "layout": "fused"}],
            "endpoints": {"fused": self.endpoint},
            "supervision": {"drain_s": 5, "backoff_s": 0.1},
            **changes,
        }
        path = folder / "system.yaml"
        path.write_text(yaml.safe_dump(tree))
        (folder / "tmp").mkdir()
        command = [sys.executable, "-m", "irvis.cli", "run", str(path), "--report", str(folder / "report.json")]
        environment = os.environ | {"TMPDIR": str(folder / "tmp")}
        with (folder / "log").open("w") as log:
            self.process = psutil.Popen(command, stdout=log, stderr=log, env=environment)
        self.nodes: list[psutil.Process] = []
        self.was_forked = False

    def node(self, name: str) -> psutil.Process:
        """The process of a node; waits for it."""

        def find() -> psutil.Process | None:
            self.nodes = self.process.children()
            return next((node for node in self.nodes if node.name() == f"irvis {name}"), None)

        return wait_for(find)

    def has_standby(self) -> bool:
        """Whether a process stands by."""
        return any(child.name() == "irvis standby" for child in self.process.children())

    def wait_for_frames(self, count: int = 1) -> None:
        """Wait until so many fused frames have been published."""
        subscriber = Subscriber(self.endpoint, Topic.FUSED)
        try:
            for _ in range(count):
                wait_for(lambda: isinstance(subscriber.receive(0.1), FusedFrame))
        finally:
            subscriber.close()

    def finish(self) -> int:
        """Wait for its end; the exit code."""
        return int(self.process.wait(DEADLINE_S))

    @property
    def log(self) -> str:
        """What it has printed."""
        return (self.folder / "log").read_text()

    @property
    def report(self) -> Tree:
        """What it has reported."""
        report: Tree = json.loads((self.folder / "report.json").read_text())
        return report


def wait_for(condition: Callable[[], Found | None]) -> Found:
    deadline_s = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(LOOK_S)
    return found


@contextmanager
def running(*, loop: bool = True, **changes: object) -> Iterator[System]:
    # A short path: names of ipc sockets are limited to about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="irvis-t-") as name:
        system = System(Path(name), loop=loop, **changes)
        try:
            yield system
        finally:
            for process in [*system.process.children(), system.process] if system.process.is_running() else []:
                process.kill()
            system.process.wait(DEADLINE_S)


def frames_of(path: Path) -> int:
    with av.open(path) as container:
        return sum(1 for _ in container.decode(video=0))


def visible_drops(report: Tree) -> Tree:
    elsewhere = ("infrared_", "record_", "window_", "messages_")
    return {reason: n for reason, n in report["dropped"].items() if not reason.startswith(elsewhere)}


def assert_nothing_is_left(system: System) -> None:
    assert not [node for node in system.nodes if node.is_running()]
    assert not list((system.folder / "tmp").iterdir())
    assert not [path for path in system.folder.iterdir() if path.is_socket()]


@pytest.fixture(scope="module")
def finished() -> Iterator[System]:
    """A system whose sources have ended."""
    with running(loop=False) as system:
        system.node("fuse")
        system.finish()
        yield system


def test_system_ends_with_its_sources(finished: System) -> None:
    assert finished.process.returncode == 0, finished.log


def test_every_frame_is_fused_and_recorded(finished: System) -> None:
    report = finished.report
    assert report["frames_in"]["visible"] == report["paired"] == report["fused"] == report["recorded"] == IMAGES
    assert report["dropped"] == {}


def test_recording_holds_the_frames_of_the_report(finished: System) -> None:
    assert frames_of(finished.video) == IMAGES


def test_report_gives_rate_latency_engine_and_machine(finished: System) -> None:
    report = finished.report
    assert report["fps"] > 0
    assert list(report["latency_ms"]) == ["p50", "p95", "p99"]
    assert report["engine"]["choice"] == "average was asked for"
    assert report["machine"]["libraries"]["irvis"]
    assert report["restarts"] == 0


def test_report_is_printed(finished: System) -> None:
    assert f"paired, fused, recorded  {IMAGES}, {IMAGES}, {IMAGES}" in finished.log


def test_finished_system_leaves_nothing_behind(finished: System) -> None:
    assert_nothing_is_left(finished)


@pytest.fixture(scope="module")
def survivor() -> Iterator[System]:
    """A system whose fusion node was killed in the middle, as it told, and that Ctrl-C stopped later."""
    with running() as system:
        system.wait_for_frames(10)
        system.node("fuse").kill()
        wait_for(lambda: "fuse was killed by SIGKILL; restart 1 of 5" in system.log)
        system.wait_for_frames(10)
        system.was_forked = "pipeline.supervision.nursery" in system.node("fuse").cmdline()
        system.process.send_signal(signal.SIGINT)
        system.finish()
        yield system


def test_a_node_that_died_comes_back_as_a_fork_of_the_process_that_stands_by(survivor: System) -> None:
    assert survivor.was_forked


def test_restart_is_counted(survivor: System) -> None:
    assert survivor.report["restarted"] == {"fuse": 1}


def test_frames_that_vanished_in_a_killed_node_are_counted(survivor: System) -> None:
    report = survivor.report
    drops = visible_drops(report)
    assert report["frames_in"]["visible"] == report["fused"] + sum(drops.values())
    assert set(drops) <= {"node_restart"}


def test_recording_goes_on_after_the_restart(survivor: System) -> None:
    report = survivor.report
    assert report["recorded"] == report["fused"] == frames_of(survivor.video)


def test_ctrl_c_ends_with_its_exit_code(survivor: System) -> None:
    assert survivor.process.returncode == 130, survivor.log


def test_ctrl_c_leaves_nothing_behind(survivor: System) -> None:
    assert_nothing_is_left(survivor)


def test_killed_supervisor_leaves_no_orphan_and_a_finished_recording() -> None:
    with running() as system:
        system.wait_for_frames(10)
        system.node("fuse")
        system.process.kill()
        _, alive = psutil.wait_procs(system.nodes, DEADLINE_S)
        assert not alive
        assert frames_of(system.video) >= 10


def test_a_node_that_keeps_dying_stops_the_system_also_where_no_process_stands_by() -> None:
    with running(supervision={"standby": False, "max_restarts": 0, "drain_s": 5}) as system:
        system.node("record").kill()
        assert not system.has_standby()
        assert system.finish() == 3
        assert (
            "record was killed by SIGKILL, after 0 restarts in a row (supervision.max_restarts)"
            in system.report["failure"]
        )
        assert_nothing_is_left(system)


def test_a_node_that_is_to_be_killed_before_it_runs_is_killed_when_it_does() -> None:
    with running(faults={"kill": [{"node": "record", "at_s": 0}]}) as system:
        wait_for(lambda: "record was killed by SIGKILL; restart 1 of 5" in system.log)


def test_source_that_can_not_be_decoded_stops_the_system_with_its_message(tmp_path: Path) -> None:
    video = tmp_path / "visible.mp4"
    video.write_bytes(b"no video " * 100)
    with running(visible={"kind": "file", "path": str(video)}) as system:
        assert system.finish() == 3
        last = system.log.splitlines()[-1]
        assert last.startswith(f"irvis: capture: {video}: ")
        assert not system.report["restarts"]
