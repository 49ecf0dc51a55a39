"""Cameras by a real MJPEG-over-HTTP stream on loopback, as network cameras serve it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest

from irvis.clock import now_ns
from irvis.errors import SourceError, SourceTimeout
from irvis.frame import Frame, Modality
from irvis.settings import CameraSource, PipelineConfig
from irvis.topics import Topic
from irvis.wire import End
from pipeline.accounting.health import HealthReporter
from pipeline.capture.node import CaptureNode
from pipeline.sources import Image
from pipeline.sources.camera import Camera
from pipeline.transport import Subscriber

DEADLINE_S = 60.0


@dataclass(frozen=True)
class GrayCamera:
    """A network camera that gives one gray picture after another while `going` is set, until `over` is."""

    url: str
    going: threading.Event
    over: threading.Event


@pytest.fixture
def server(serve_mjpeg: Callable[..., Any]) -> GrayCamera:
    gray = cv2.imencode(".jpg", np.full((48, 64, 3), 100, np.uint8))[1].tobytes()
    going = threading.Event()
    going.set()
    served = serve_mjpeg(lambda _: gray if going.wait(0.05) else None, {"gray": 200.0})
    return GrayCamera(served.url("gray"), going, served.over)


@contextmanager
def camera(
    device: str | int,
    modality: Modality = Modality.VISIBLE,
    timeout_s: float = DEADLINE_S,
    reconnect: bool = False,
) -> Iterator[Camera]:
    with Camera(CameraSource(device=device, timeout_s=timeout_s, reconnect=reconnect), modality) as source:
        yield source


def wait_until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.005)


def read(source: Camera) -> Image:
    """The next picture, however long a busy machine takes for it."""
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        with suppress(SourceTimeout):
            if image := source.read():
                return image
    raise AssertionError("no picture came")


def test_a_stream_gives_stamped_colour_frames(server: GrayCamera) -> None:
    before_ns = now_ns()
    with camera(server.url) as source:
        image = source.read()
        assert image is not None
        assert image.pixels.shape == (48, 64, 3)
        assert image.media_ns is None
        assert image.stamp_ns is not None
        assert before_ns < image.stamp_ns <= now_ns()


def test_an_infrared_stream_is_gray(server: GrayCamera) -> None:
    with camera(server.url, Modality.INFRARED) as source:
        image = source.read()
    assert image is not None
    np.testing.assert_allclose(image.pixels, np.full((48, 64), 100), atol=3)


def test_frames_nobody_read_are_counted_and_the_newest_is_kept(server: GrayCamera) -> None:
    with camera(server.url) as source:
        wait_until(lambda: source.dropped["camera_overflow"] >= 3)
        then_ns, unread = now_ns(), source.dropped["camera_overflow"]
        wait_until(lambda: source.dropped["camera_overflow"] >= unread + 3)
        image = source.read()
        assert image is not None
        assert image.stamp_ns is not None
        assert image.stamp_ns > then_ns


def test_a_camera_that_falls_silent_times_out(server: GrayCamera) -> None:
    with camera(server.url, timeout_s=1.0) as source:
        read(source)
        server.going.clear()
        with pytest.raises(
            SourceTimeout, match=r"no frame from the visible camera within 1 s.*visible\.timeout_s"
        ):
            list(source)
        server.over.set()


def test_a_stream_that_is_over_is_a_failed_camera(server: GrayCamera) -> None:
    with camera(server.url) as source:
        server.over.set()
        with pytest.raises(SourceError, match="the visible camera stopped giving frames"):
            list(source)


def test_a_stream_that_is_over_is_opened_again_until_it_is_back(server: GrayCamera) -> None:
    with camera(server.url, reconnect=True, timeout_s=1.0) as source:
        read(source)
        server.over.set()
        with pytest.raises(SourceTimeout):
            list(source)
        assert source.reconnects
        server.over.clear()
        read(source)


def test_closing_wakes_a_reader(server: GrayCamera) -> None:
    with camera(server.url) as source:
        server.going.clear()
        ended = threading.Event()

        def read_on() -> None:
            list(source)
            ended.set()

        reader = threading.Thread(target=read_on)
        reader.start()
        source.close()
        assert ended.wait(DEADLINE_S)
        reader.join()
        server.over.set()


def test_a_missing_device_names_those_that_exist() -> None:
    with pytest.raises(SourceError, match=r"99: the visible camera can't be opened; .*Video devices here: "):
        Camera(CameraSource(device=99), Modality.VISIBLE)


def test_an_unreachable_stream_is_named() -> None:
    with pytest.raises(
        SourceError, match=r"http://127\.0\.0\.1:9/gone\.mjpg: the infrared camera can't be opened"
    ):
        Camera(CameraSource(device="http://127.0.0.1:9/gone.mjpg"), Modality.INFRARED)


def test_a_camera_that_goes_silent_ends_its_topic_and_fails_the_node(
    server: GrayCamera, tmp_path_factory: pytest.TempPathFactory
) -> None:
    endpoint = f"ipc://{tmp_path_factory.mktemp('s') / 'visible'}"
    config = PipelineConfig.model_validate(
        {
            "visible": {"kind": "camera", "device": server.url, "timeout_s": 3.0, "reconnect": False},
            "infrared": {"kind": "camera", "device": "on another host"},
            "endpoints": {"visible": endpoint},
        }
    )
    node, stop, reporter = CaptureNode(Modality.VISIBLE), threading.Event(), HealthReporter("capture")
    with closing(Subscriber(endpoint, Topic.VISIBLE)) as subscriber, ThreadPoolExecutor(1) as pool:
        began_ns = now_ns()
        running = pool.submit(node.run, config, stop, reporter)
        frame = subscriber.receive(DEADLINE_S)
        assert isinstance(frame, Frame)
        assert began_ns < frame.stamp_ns <= frame.captured_ns <= now_ns()
        server.going.clear()
        while not isinstance(message := subscriber.receive(DEADLINE_S), End):
            assert isinstance(message, Frame)
        assert message.stream_id == frame.stream_id
        subscriber.close()
        with pytest.raises(SourceTimeout):
            running.result(DEADLINE_S)
        server.over.set()
