"""The sink nodes, on real sockets."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from irvis.errors import ConfigError, IrvisError, RecordingError
from irvis.frame import FusedFrame, InfraredState, PairContract
from irvis.settings import PipelineConfig
from irvis.topics import Topic
from irvis.wire import end_of
from pipeline.accounting.health import HealthReporter
from pipeline.sinks.record import RecordNode
from pipeline.sinks.window import WindowNode, has_screen
from pipeline.transport import Publisher

DEADLINE_S = 180.0
STREAM = 7
STEP_NS = 40_000_000


def fused(seq: int, dropped: dict[str, int] | None = None) -> FusedFrame:
    contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "engine", dropped=dropped or {})
    picture, labels = np.full((90, 120, 3), seq % 256, np.uint8), np.zeros((90, 120), np.uint8)
    return FusedFrame(picture, labels, seq * STEP_NS, seq * STEP_NS, seq * STEP_NS, seq, STREAM, contract)


def count_frames(path: Path) -> int:
    with av.open(path) as container:
        return sum(1 for _ in container.decode(video=0))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.005)


class Bench:
    """A record node in a thread, and the fusion node's end of its link."""

    def __init__(self, folder: Path, sockets: Path, stack: ExitStack) -> None:
        self.path = folder / "a.mp4"
        self.sheet = folder / "sheet.png"
        self.endpoint = f"ipc://{sockets / 'fused'}"
        self.stop = threading.Event()
        self.reporter = HealthReporter("record")
        self.error: IrvisError | None = None
        self._stack = stack

    def config(self, **sink: Any) -> PipelineConfig:
        source = {"kind": "file", "path": "none.mp4"}
        given = sink if "kind" in sink else {"kind": "video", "path": self.path, "layout": "fused", **sink}
        return PipelineConfig.model_validate(
            {"visible": source, "infrared": source, "sinks": [given], "endpoints": {"fused": self.endpoint}}
        )

    def publisher(self) -> Publisher:
        publisher = Publisher(self.endpoint, Topic.FUSED, lossless_subscribers=1)
        self._stack.callback(publisher.close, 0.0)
        return publisher

    def start(self, **sink: Any) -> None:
        self._thread = threading.Thread(target=self._run, args=(self.config(**sink),))
        self._thread.start()
        self._stack.callback(self._thread.join)
        self._stack.callback(self.stop.set)

    def _run(self, config: PipelineConfig) -> None:
        try:
            RecordNode().run(config, self.stop, self.reporter)
        except IrvisError as exc:
            self.error = exc

    def join(self) -> None:
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def recorded(self) -> int:
        return self.reporter.counts.get("recorded", 0)


@pytest.fixture
def bench(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(tmp_path, tmp_path_factory.mktemp("s"), stack)


def test_every_fused_frame_is_recorded_until_the_end(bench: Bench) -> None:
    bench.start(contact_sheet=bench.sheet)
    with closing(bench.publisher()) as publisher:
        for seq in range(40):
            assert publisher.publish(fused(seq))
        assert publisher.publish(end_of(STREAM, 40))
    bench.join()
    assert bench.error is None
    assert bench.recorded() == count_frames(bench.path) == 40
    assert not bench.reporter.dropped
    assert cv2.imread(str(bench.sheet)) is not None


def test_stubs_are_seen_in_the_one_file_of_a_system_that_lags(bench: Bench) -> None:
    lost = PairContract(None, None, None, InfraredState.LOST, "rig", "engine", visible_lost=True)
    stubs = [replace(fused(1), stamp_ns=stamp * STEP_NS, contract=lost) for stamp in (125, 130)]
    bench.start()
    with closing(bench.publisher()) as publisher:
        for frame in (fused(0), fused(1), *stubs, fused(2), fused(3)):
            assert publisher.publish(frame)
        assert publisher.publish(end_of(STREAM, 4))
    bench.join()
    assert list(bench.path.parent.glob("*.mp4")) == [bench.path]
    assert bench.recorded() == count_frames(bench.path) == 5
    assert bench.reporter.dropped == {"stub": 1}


def test_a_stopped_node_finishes_the_recording(bench: Bench) -> None:
    bench.start()
    publisher = bench.publisher()
    for seq in range(5):
        assert publisher.publish(fused(seq))
    wait_until(lambda: bench.recorded() == 5)
    bench.stop.set()
    bench.join()
    assert count_frames(bench.path) == 5


def test_a_restart_of_the_fusion_node_is_a_counted_gap_in_one_recording(bench: Bench) -> None:
    bench.start()
    publisher = bench.publisher()
    for seq in range(5):
        assert publisher.publish(fused(seq))
    wait_until(lambda: bench.recorded() == 5)
    publisher.close()
    with closing(bench.publisher()) as again:
        for seq in range(8, 12):
            assert again.publish(fused(seq))
        assert again.publish(end_of(STREAM, 12))
    bench.join()
    assert bench.recorded() == count_frames(bench.path) == 9
    assert bench.reporter.dropped == {"lost_in_transport": 3}


def test_frames_out_of_order_are_reported(bench: Bench) -> None:
    bench.start()
    with closing(bench.publisher()) as publisher:
        for seq in (0, 2, 1, 3):
            assert publisher.publish(fused(seq))
        assert publisher.publish(end_of(STREAM, 4))
    bench.join()
    assert bench.recorded() == 3
    assert bench.reporter.dropped["out_of_order"] == 1


def test_a_disk_that_fills_up_fails_the_node(bench: Bench) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs Linux's /dev/full")
    bench.path.symlink_to("/dev/full")
    bench.start()
    publisher = bench.publisher()
    seq = 0
    while publisher.publish(fused(seq), stop=lambda: bench.error is not None):
        seq += 1
    bench.join()
    assert isinstance(bench.error, RecordingError)
    assert "a.mp4: can't be written" in str(bench.error)


def test_a_system_without_the_sink_says_which_is_missing(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="sinks: expected one of kind window, got none; add it"):
        WindowNode().run(bench.config(), bench.stop, bench.reporter)


RECORD = """
import pathlib, sys
from irvis.config import load
from irvis.settings import PipelineConfig
from pipeline.node import run_node
from pipeline.sinks.record import RecordNode
run_node(RecordNode(), load(PipelineConfig, pathlib.Path(sys.argv[1])))
"""


def test_sigterm_leaves_a_recording_that_plays(bench: Bench, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(bench.config().model_dump_json())
    with subprocess.Popen([sys.executable, "-c", RECORD, str(config)]) as process:
        publisher = bench.publisher()
        for seq in range(30):
            assert publisher.publish(fused(seq))
        wait_until(bench.path.exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    assert 0 < count_frames(bench.path) <= 30


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_screen")
def test_an_optional_window_without_a_screen_ends_quietly(bench: Bench) -> None:
    WindowNode().run(bench.config(kind="window"), bench.stop, bench.reporter)
    assert bench.reporter.detail["message"] == "not here: there is no screen"


@pytest.mark.usefixtures("no_screen")
def test_a_required_window_without_a_screen_is_an_error(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="window: no screen here"):
        WindowNode().run(bench.config(kind="window", optional=False), bench.stop, bench.reporter)


@pytest.mark.skipif(sys.platform != "linux", reason="displays are named so on Linux")
def test_a_display_that_is_named_but_not_there_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4242")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not has_screen()
