"""The capture node, with real sources and real sockets."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from irvis.clock import now_ns
from irvis.errors import SourceError
from irvis.frame import Frame, Modality
from irvis.settings import PipelineConfig
from irvis.topics import Topic
from irvis.wire import End
from pipeline.accounting.health import HealthReporter
from pipeline.capture.node import CaptureNode
from pipeline.storage.video import VideoRecorder
from pipeline.transport import Subscriber

DEADLINE_S = 60.0
MS_NS = 1_000_000
START_NS = 1_000_000_000_000


@pytest.fixture
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("s")
    return {topic: f"ipc://{folder / topic}" for topic in ("visible", "infrared", "fused", "health")}


@pytest.fixture
def images(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Makes a folder source of so many pictures."""

    def make(count: int, fps: float = 1000, **more: Any) -> dict[str, Any]:
        folder = tmp_path / f"images{count}-{fps}"
        folder.mkdir(exist_ok=True)
        for index in range(count):
            assert cv2.imwrite(str(folder / f"{index:04d}.png"), np.full((90, 120), index, np.uint8))
        return {"kind": "folder", "path": folder, "fps": fps, **more}

    return make


class Running:
    """A capture node in a thread, and what a subscriber to both topics got of it."""

    def __init__(self, config: PipelineConfig, stack: ExitStack, camera: Modality | None = None) -> None:
        self.stop = threading.Event()
        self.reporter = HealthReporter("capture")
        self.error: BaseException | None = None
        self.frames: dict[Modality, list[Frame]] = {modality: [] for modality in Modality}
        self.ends: dict[Modality, End] = {}
        self.subscribers = {
            modality: stack.enter_context(
                closing(Subscriber(config.endpoints.of(Topic(modality)), Topic(modality), config.sync.link))
            )
            for modality in (Modality if camera is None else [camera])
        }
        self._thread = threading.Thread(target=self._run, args=(config, camera))
        self._thread.start()
        stack.callback(self._thread.join)
        stack.callback(self.stop.set)

    def _run(self, config: PipelineConfig, camera: Modality | None) -> None:
        try:
            CaptureNode(camera).run(config, self.stop, self.reporter)
        except SourceError as exc:
            self.error = exc

    def take(self, until: Callable[[], bool]) -> None:
        """Receive from both topics until a condition holds."""
        deadline_s = time.monotonic() + DEADLINE_S
        while not until():
            assert time.monotonic() < deadline_s, (self.reporter.counts, self.ends, self.error)
            for modality, subscriber in self.subscribers.items():
                message = subscriber.receive(0.01)
                if isinstance(message, Frame):
                    self.frames[modality].append(message)
                elif isinstance(message, End):
                    self.ends[modality] = message

    def take_all(self) -> None:
        """Receive until every stream has ended, and wait for the node."""
        self.take(lambda: len(self.ends) == len(self.subscribers))
        self.join()

    def join(self) -> None:
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def stamps_ms(self, modality: Modality) -> list[int]:
        return [(frame.stamp_ns - START_NS) // MS_NS for frame in self.frames[modality]]


Start = Callable[..., Running]


@pytest.fixture
def start(endpoints: dict[str, str]) -> Iterator[Start]:
    """Starts a capture node as fast as its frames are taken, on lossless links."""
    with ExitStack() as stack:

        def start(
            visible: dict[str, Any],
            infrared: dict[str, Any],
            camera: Modality | None = None,
            link: str = "lossless",
            **capture: Any,
        ) -> Running:
            config = PipelineConfig.model_validate(
                {
                    "visible": visible,
                    "infrared": infrared,
                    "capture": {"pace": 0, "start_ns": START_NS, **capture},
                    "sync": {"link": link},
                    "endpoints": endpoints,
                }
            )
            return Running(config, stack, camera)

        yield start


def test_every_frame_is_published_once_in_order(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(30), images(30))
    node.take_all()
    for modality in Modality:
        frames = node.frames[modality]
        assert [frame.seq for frame in frames] == list(range(30))
        assert [int(frame.pixels.flat[0]) for frame in frames] == list(range(30))
        assert {frame.stream_id for frame in frames} == {node.ends[modality].stream_id}
        assert node.ends[modality].frames == 30
    assert node.reporter.counts == {"visible": 30, "infrared": 30}
    assert node.error is None


def test_both_streams_share_media_time_zero(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(9, fps=100), images(3, fps=40))
    node.take_all()
    assert node.stamps_ms(Modality.VISIBLE) == [0, 10, 20, 30, 40, 50, 60, 70, 80]
    assert node.stamps_ms(Modality.INFRARED) == [0, 25, 50]


def test_without_a_given_start_stamps_begin_with_the_node(start: Start, images: Callable[..., Any]) -> None:
    before_ns = now_ns()
    node = start(images(2), images(2), start_ns=None)
    node.take_all()
    first_ns = node.frames[Modality.VISIBLE][0].stamp_ns
    assert before_ns < first_ns < now_ns()
    assert node.frames[Modality.INFRARED][0].stamp_ns == first_ns


def test_files_keep_their_own_pace(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(6, fps=50), images(6, fps=50), pace=2)
    node.take_all()
    frames = node.frames[Modality.VISIBLE]
    # Since the stream's zero, which is the first stamp: the first frame itself may come late on a busy machine.
    assert frames[-1].captured_ns - frames[0].stamp_ns > 5 * 10 * MS_NS - 2 * MS_NS


def test_a_live_stream_leaves_out_what_its_source_gives_too_late(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(20, 10_000, loop=True), images(1), camera=Modality.VISIBLE, link="latest", pace=1)
    node.take(lambda: node.reporter.dropped["visible_behind"] > 100)
    node.stop.set()
    node.take_all()
    last, left_out = node.frames[Modality.VISIBLE][-1], node.reporter.dropped["visible_behind"]
    media_frames = round((last.stamp_ns - START_NS) * 10_000 / 1e9)
    assert last.seq < media_frames < node.ends[Modality.VISIBLE].frames + left_out


def test_where_all_are_wanted_a_slow_source_gives_all(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(250, fps=10_000), images(1), pace=1)
    node.take_all()
    assert len(node.frames[Modality.VISIBLE]) == 250
    assert not node.reporter.dropped


def test_a_start_that_is_to_come_is_waited_for(start: Start, images: Callable[..., Any]) -> None:
    start_ns = now_ns() + 150 * MS_NS
    node = start(images(2), images(2), start_ns=start_ns)
    node.take_all()
    assert node.frames[Modality.VISIBLE][0].captured_ns >= start_ns


def test_nothing_is_published_before_somebody_takes_it(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(20), images(20), link="latest")
    node.take(lambda: any(node.frames.values()))
    assert all(frames[0].seq == 0 for frames in node.frames.values() if frames)
    for subscriber in node.subscribers.values():
        subscriber.close()


def test_stopping_ends_both_streams_though_the_next_frame_is_far(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(5, fps=0.01), images(5, fps=0.01), pace=1)
    node.take(lambda: all(node.frames.values()))
    node.stop.set()
    node.take_all()
    assert [end.frames for end in node.ends.values()] == [1, 1]


def test_the_end_of_a_live_stream_is_said_until_it_is_read(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(40), images(40), link="latest")
    node.take(lambda: all(node.frames.values()))
    deadline_s = time.monotonic() + DEADLINE_S
    while not all(span.is_over for span in node.reporter.streams.values()):
        assert not node.stop.wait(0.01)
        assert time.monotonic() < deadline_s
    node.take_all()
    for camera, subscriber in node.subscribers.items():
        assert len(node.frames[camera]) + subscriber.dropped["lost_in_transport"] == 40


def test_stopping_does_not_wait_for_subscribers(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(5), images(5), camera=Modality.VISIBLE)
    node.subscribers[Modality.VISIBLE].close()
    node.stop.set()
    node.join()
    assert node.error is None


def test_a_shorter_infrared_leaves_the_visible_alone(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(20), images(5))
    node.take_all()
    assert [len(node.frames[modality]) for modality in Modality] == [20, 5]


def test_an_endless_infrared_ends_with_the_visible(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(10, fps=100), images(3, fps=100, loop=True))
    node.take_all()
    assert node.stamps_ms(Modality.INFRARED)[:10] == [10 * index for index in range(10)]


def test_an_infrared_that_nobody_takes_any_more_does_not_keep_the_node(
    start: Start, images: Callable[..., Any]
) -> None:
    node = start(images(3, fps=100), images(3, fps=10_000, loop=True))
    infrared = node.subscribers.pop(Modality.INFRARED)
    node.take(lambda: Modality.VISIBLE in node.ends)
    infrared.close()
    node.join()
    assert node.error is None


def test_one_camera_may_be_published_alone(start: Start, images: Callable[..., Any], tmp_path: Path) -> None:
    missing = {"kind": "file", "path": tmp_path / "on another host.mp4"}
    node = start(missing, images(4), camera=Modality.INFRARED)
    node.take_all()
    assert len(node.frames[Modality.INFRARED]) == 4


def test_visible_frames_are_scaled_and_infrared_ones_are_not(start: Start, images: Callable[..., Any]) -> None:
    node = start(images(2), images(2), size=(60, 50))
    node.take_all()
    assert node.frames[Modality.VISIBLE][0].pixels.shape == (50, 60, 3)
    assert node.frames[Modality.INFRARED][0].pixels.shape == (90, 120)


def test_what_a_source_loses_is_counted_by_its_camera(start: Start, images: Callable[..., Any]) -> None:
    infrared = images(6)
    (infrared["path"] / "0003.png").write_bytes(b"broken")
    node = start(images(5), infrared)
    node.take_all()
    assert node.reporter.dropped == {"infrared_undecodable": 1}
    assert [frame.seq for frame in node.frames[Modality.INFRARED]] == list(range(5))


def test_a_source_that_cannot_be_opened_stops_the_node_at_once(
    start: Start, images: Callable[..., Any], tmp_path: Path
) -> None:
    node = start(images(5), {"kind": "file", "path": tmp_path / "gone.mp4"})
    node.join()
    assert "gone.mp4: no such file" in str(node.error)
    assert node.reporter.counts == {}


@pytest.mark.parametrize("failing", list(Modality))
def test_a_source_that_fails_midway_ends_its_stream_and_is_told_at_the_end(
    start: Start, images: Callable[..., Any], tmp_path: Path, failing: Modality
) -> None:
    path = tmp_path / "a.mp4"
    with VideoRecorder(path) as recorder:
        for index in range(4):
            recorder.write(np.zeros((48, 64, 3), np.uint8), index * 40 * MS_NS)
    looped = {"kind": "file", "path": path, "loop": True}
    sources = {modality: looped if modality is failing else images(40, fps=25) for modality in Modality}
    node = start(sources[Modality.VISIBLE], sources[Modality.INFRARED])
    node.take(lambda: bool(node.frames[failing]))
    path.unlink()
    node.take_all()
    assert "a.mp4: no such file" in str(node.error)
    assert node.reporter.detail[failing] == str(node.error)
    assert node.ends[failing].frames == len(node.frames[failing]) >= 4
    if failing is Modality.INFRARED:
        assert len(node.frames[Modality.VISIBLE]) == 40
