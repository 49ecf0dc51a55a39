"""The fusion node on real sockets with the average engine: what goes in comes out, in order, accounted for."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
import pytest

from irvis.errors import RigError
from irvis.frame import Frame, FusedFrame, Modality
from irvis.rig import Rig
from irvis.settings import PipelineConfig
from irvis.topics import Link, Topic
from irvis.wire import End, end_of
from pipeline.accounting.health import HealthReporter
from pipeline.fusion.node import FuseNode
from pipeline.transport import Publisher, Subscriber

DEADLINE_S = 60.0
PERIOD_NS = 40_000_000
SIZE = (32, 24)
STREAMS = {Modality.VISIBLE: 11, Modality.INFRARED: 22}


def frame(modality: Modality, seq: int, size: tuple[int, int] = SIZE, period_ns: int = PERIOD_NS) -> Frame:
    shape = (size[1], size[0], 3) if modality is Modality.VISIBLE else (size[1], size[0])
    value = (seq * 2) % 200 if modality is Modality.VISIBLE else (seq * 2) % 200 + 50
    stamp_ns = 1_000_000_000 + seq * period_ns
    return Frame(modality, np.full(shape, value, np.uint8), stamp_ns, time.time_ns(), seq, STREAMS[modality])


def settings(folder: Path, link: Link = "lossless", **sections: object) -> PipelineConfig:
    return PipelineConfig.model_validate(
        {
            "visible": {"kind": "file", "path": "visible.mp4"},
            "infrared": {"kind": "file", "path": "infrared.mp4"},
            "engine": {"kind": "average"},
            "sync": {"link": link},
            "sinks": [{"kind": "video", "path": "out.mp4"}],
            "endpoints": {str(topic): f"ipc://{folder / topic}" for topic in Topic},
            **sections,
        }
    )


class World:
    """A running fusion node, the cameras before it and the recorder behind it."""

    def __init__(self, config: PipelineConfig, threads: ThreadPoolExecutor) -> None:
        lossless = int(config.sync.link == "lossless")
        self.stop = threading.Event()
        self.reporter = HealthReporter("fuse")
        self.cameras = {
            modality: Publisher(
                config.endpoints.of(Topic(modality.value)), Topic(modality.value), lossless_subscribers=lossless
            )
            for modality in Modality
        }
        self.recorder = Subscriber(config.endpoints.fused, Topic.FUSED, "lossless")
        self.running: Future[None] = threads.submit(FuseNode().run, config, self.stop, self.reporter)
        for camera in self.cameras.values():
            assert camera.wait_for_subscribers(DEADLINE_S, latest=1 - lossless)

    def send(self, modality: Modality, *frames: Frame, end: bool = False) -> None:
        for each in frames:
            assert self.cameras[modality].publish(each, self.running.done)
        if end:
            assert self.cameras[modality].publish(end_of(STREAMS[modality], len(frames)), self.running.done)

    def send_both(self, frames: int) -> None:
        for seq in range(frames):
            for modality in Modality:
                self.send(modality, frame(modality, seq))
        for modality in Modality:
            self.cameras[modality].publish(end_of(STREAMS[modality], frames), self.running.done)

    def fused_until_end(self) -> tuple[list[FusedFrame], End]:
        fused: list[FusedFrame] = []
        while True:
            message = self.recorder.receive(DEADLINE_S)
            if isinstance(message, End):
                return fused, message
            assert isinstance(message, FusedFrame), f"nothing came after {len(fused)} fused frames"
            fused.append(message)

    def has_paired(self, frames: int) -> Callable[[], bool]:
        return lambda: self.reporter.counts.get("paired", 0) >= frames

    def close(self) -> None:
        self.stop.set()
        self.recorder.close()
        for camera in self.cameras.values():
            camera.close(0.0)


@contextmanager
def world(config: PipelineConfig) -> Iterator[World]:
    with ThreadPoolExecutor() as threads, closing(World(config, threads)) as running:
        yield running


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("s")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as threads:
        yield threads


def test_every_pair_is_fused_in_order_with_stamps_and_contract(folder: Path, threads: ThreadPoolExecutor) -> None:
    with world(settings(folder)) as node:
        sending = threads.submit(node.send_both, 60)
        fused, end = node.fused_until_end()
        sending.result(DEADLINE_S)
        node.running.result(DEADLINE_S)
    assert (end.stream_id, end.frames) == (STREAMS[Modality.VISIBLE], 60)
    assert [each.seq for each in fused] == list(range(60))
    for each in fused:
        sent = frame(Modality.VISIBLE, each.seq)
        assert (each.stamp_ns, each.stream_id) == (sent.stamp_ns, sent.stream_id)
        assert each.published_ns >= each.captured_ns
        assert each.visible is not None
        np.testing.assert_array_equal(each.visible, sent.pixels)
        np.testing.assert_array_equal(each.infrared, frame(Modality.INFRARED, each.seq).pixels)
        assert int(each.fused[0, 0, 0]) == (each.seq * 2) % 200 + 25
        contract = each.contract
        assert (contract.skew_ns, contract.infrared_state, contract.dropped) == (0, "live", {})
        assert contract.visible_age_ns == each.published_ns - each.captured_ns
        assert contract.infrared_age_ns is not None
        assert contract.engine.startswith("average@")
        assert contract.rig_id == Rig.identity(SIZE, SIZE).id
        assert set(contract.stages_ms) == {"sync", "queue", "align", "infer", "publish"}
    status = node.reporter.status()
    assert status.counts == {"visible_in": 60, "infrared_in": 60, "paired": 60, "fused": 60}
    assert status.dropped == {}
    assert set(status.latency_ms) == {"p50", "p95", "p99"}
    assert status.detail["engine"] == fused[0].contract.engine


def test_the_rigs_constant_latency_is_taken_off_the_infrareds_stamps(
    folder: Path, threads: ThreadPoolExecutor
) -> None:
    rig = folder / "rig.yaml"
    late = Rig.identity(SIZE, SIZE).model_copy(update={"infrared_delay_ms": 2 * PERIOD_NS / 1e6})
    rig.write_text(late.model_dump_json())
    with world(settings(folder, rig=rig)) as node:
        sending = threads.submit(node.send_both, 12)
        fused, _ = node.fused_until_end()
        sending.result(DEADLINE_S)
    for each in fused[:10]:
        assert each.contract.skew_ns == 0
        np.testing.assert_array_equal(each.infrared, frame(Modality.INFRARED, each.seq + 2).pixels)


def test_a_slower_infrared_camera_is_held_and_its_skew_told(folder: Path, threads: ThreadPoolExecutor) -> None:
    with world(settings(folder)) as node:
        infrared = [frame(Modality.INFRARED, seq, period_ns=3 * PERIOD_NS) for seq in range(10)]
        sending = threads.submit(node.send, Modality.INFRARED, *infrared, end=True)
        node.send(Modality.VISIBLE, *(frame(Modality.VISIBLE, seq) for seq in range(5)))
        visible = [frame(Modality.VISIBLE, seq) for seq in range(5, 28)]
        also = threads.submit(node.send, Modality.VISIBLE, *visible, end=True)
        fused, _ = node.fused_until_end()
        sending.result(DEADLINE_S)
        also.result(DEADLINE_S)
    assert [each.contract.infrared_state.value for each in fused] == (["live", "held", "held"] * 10)[:28]
    assert [each.contract.skew_ns for each in fused[:3]] == [0, -PERIOD_NS, -2 * PERIOD_NS]


def test_without_infrared_the_visible_is_shown_alone_and_flagged(folder: Path) -> None:
    with world(settings(folder)) as node:
        node.send(Modality.INFRARED, end=True)
        node.send(Modality.VISIBLE, frame(Modality.VISIBLE, 3), end=True)
        (fused,), _ = node.fused_until_end()
    assert fused.contract.infrared_state == "lost"
    assert (fused.contract.skew_ns, fused.contract.infrared_age_ns) == (None, None)
    assert fused.visible is not None
    np.testing.assert_array_equal(fused.infrared, cv2.cvtColor(fused.visible, cv2.COLOR_BGR2GRAY))
    np.testing.assert_array_equal(fused.fused, fused.visible)


def test_sizes_may_differ_and_change_in_the_middle_of_a_stream(folder: Path, threads: ThreadPoolExecutor) -> None:
    sizes = [(32, 24), (64, 48), (20, 15), (32, 24)]
    with world(settings(folder)) as node:
        visible = [frame(Modality.VISIBLE, seq, size) for seq, size in enumerate(sizes)]
        infrared = [frame(Modality.INFRARED, seq, (16, 12)) for seq in range(len(sizes))]
        both = [
            threads.submit(node.send, m, *f, end=True) for m, f in zip(Modality, (visible, infrared), strict=True)
        ]
        fused, _ = node.fused_until_end()
        for sending in both:
            sending.result(DEADLINE_S)
    assert [each.labels.shape[::-1] for each in fused] == sizes
    assert all(
        each.infrared is not None and each.infrared.shape[::-1] == size
        for each, size in zip(fused, sizes, strict=True)
    )


def test_a_frame_that_fails_is_counted_and_the_next_are_fused(folder: Path, threads: ThreadPoolExecutor) -> None:
    rig = folder / "rig.yaml"
    rig.write_text(Rig.identity(SIZE, SIZE).model_dump_json())
    bad = {4, 5, 9}
    with world(settings(folder, rig=rig)) as node:
        infrared = [frame(Modality.INFRARED, seq, (24, 24) if seq in bad else SIZE) for seq in range(20)]
        visible = [frame(Modality.VISIBLE, seq) for seq in range(20)]
        both = [
            threads.submit(node.send, m, *f, end=True) for m, f in zip(Modality, (visible, infrared), strict=True)
        ]
        fused, end = node.fused_until_end()
        for sending in both:
            sending.result(DEADLINE_S)
        node.running.result(DEADLINE_S)
    assert [each.seq for each in fused] == [seq for seq in range(20) if seq not in bad]
    assert end.frames == 17
    assert fused[-1].contract.dropped == {"engine_failed": 3}
    assert node.reporter.dropped == {"engine_failed": 3}
    assert not node.recorder.dropped, "explained gaps are no losses"


def test_ten_failures_in_a_row_stop_the_node(folder: Path, threads: ThreadPoolExecutor) -> None:
    rig = folder / "rig.yaml"
    rig.write_text(Rig.identity(SIZE, SIZE).model_dump_json())
    with world(settings(folder, rig=rig)) as node:
        for seq in range(10):
            node.send(Modality.INFRARED, frame(Modality.INFRARED, seq, (24, 24)))
            node.send(Modality.VISIBLE, frame(Modality.VISIBLE, seq))
        with pytest.raises(RigError, match="infrared frames are 24x24"):
            node.running.result(DEADLINE_S)


def test_when_stopped_it_publishes_what_it_holds_and_the_end(folder: Path) -> None:
    with world(settings(folder)) as node:
        for seq in range(6):
            node.send(Modality.VISIBLE, frame(Modality.VISIBLE, seq))
        for seq in range(3):
            node.send(Modality.INFRARED, frame(Modality.INFRARED, seq))
        first = node.recorder.receive(DEADLINE_S)
        assert isinstance(first, FusedFrame)
        counts = node.reporter.counts
        wait_until(lambda: (counts.get("visible_in"), counts.get("infrared_in")) == (6, 3))
        node.stop.set()
        rest, end = node.fused_until_end()
        node.running.result(DEADLINE_S)
    assert [each.seq for each in rest] == [1, 2, 3, 4, 5]
    assert end.frames == 6
    assert node.reporter.state == "draining"


def test_back_pressure_reaches_the_cameras_on_lossless_links(folder: Path) -> None:
    with world(settings(folder, supervision={"drain_s": 0.5})) as node:  # the recorder does not read
        sent = Counter[Modality]()
        for modality in cycle(Modality):
            looks = iter(range(5))
            is_full = not node.cameras[modality].publish(
                frame(modality, sent[modality], (512, 512)),
                lambda looks=looks: next(looks, None) is None,
            )
            if is_full:
                break
            sent[modality] += 1
    # The queues: 8 messages of each camera's link, 8 to match, 2 and 1 in the node, 2 and 8 to the recorder.
    assert 20 < max(sent.values()) < 50


def test_on_latest_links_newer_pairs_replace_older_ones_and_are_counted(folder: Path) -> None:
    with world(settings(folder, "latest")) as node:  # the recorder does not read at first
        seq = 0
        deadline_s = time.monotonic() + DEADLINE_S
        while node.reporter.dropped["pair_superseded"] < 20:
            assert time.monotonic() < deadline_s
            for modality in Modality:
                node.send(modality, frame(modality, seq, (256, 256)))
            seq += 1
            wait_until(node.has_paired(seq))
        for modality in Modality:
            node.cameras[modality].publish(end_of(STREAMS[modality], seq))
        fused, _ = node.fused_until_end()
        node.running.result(DEADLINE_S)
    left_out = sum(node.reporter.dropped[reason] for reason in ("pair_superseded", "engine_starting"))
    assert len(fused) + left_out == node.reporter.counts["paired"] == seq
    assert not node.recorder.dropped
    assert [each.seq for each in fused] == sorted(each.seq for each in fused)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    ticker = threading.Event()
    while not condition():
        assert time.monotonic() < deadline_s
        ticker.wait(0.001)
