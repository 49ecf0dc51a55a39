"""What the page records of all streams is a recording like the mcap sink's."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from irvis.errors import RecordingError
from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract
from irvis.settings import PipelineConfig
from irvis.topics import Topic
from pipeline.recording.reader import Recording
from pipeline.sinks.web.recorder import PageRecorder
from pipeline.transport import Publisher

SHAPE = 12, 16
DEADLINE_S = 60.0


def message(topic: Topic, seq: int) -> Frame | FusedFrame:
    picture, grey = np.full((*SHAPE, 3), seq % 256, np.uint8), np.full(SHAPE, seq % 256, np.uint8)
    stamp_ns = 1_000_000 * seq
    if topic is Topic.FUSED:
        contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "engine")
        return FusedFrame(picture, grey, stamp_ns, stamp_ns, stamp_ns, seq, 1, contract)
    is_visible = topic is Topic.VISIBLE
    modality = Modality.VISIBLE if is_visible else Modality.INFRARED
    return Frame(modality, picture if is_visible else grey, stamp_ns, stamp_ns, seq, 1, trigger=seq)


@pytest.fixture
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineConfig]:
    """A system whose three topics are published, once each has a subscriber, until the test is over."""
    sockets = tmp_path_factory.mktemp("s")
    source = {"kind": "file", "path": "none.mp4"}
    topics = (Topic.VISIBLE, Topic.INFRARED, Topic.FUSED)
    endpoints = {topic.value: f"ipc://{sockets / topic}" for topic in topics}
    over = threading.Event()

    def publish() -> None:
        with ExitStack() as stack:
            publishers = {
                topic: stack.enter_context(closing(Publisher(endpoints[topic], topic))) for topic in topics
            }
            while not all(each.wait_for_subscribers(0.02, latest=1) for each in publishers.values()):
                if over.is_set():
                    return
            seq = 0
            while not over.wait(0.02):
                for topic, publisher in publishers.items():
                    publisher.publish(message(topic, seq))
                seq += 1

    thread = threading.Thread(target=publish)
    thread.start()
    yield PipelineConfig.model_validate({"visible": source, "infrared": source, "endpoints": endpoints})
    over.set()
    thread.join()


def wait_for_frames(recorder: PageRecorder, frames: int) -> None:
    pause = threading.Event()
    for _ in range(round(DEADLINE_S / 0.02)):
        if recorder.state()["frames"] >= frames:
            return
        pause.wait(0.02)
    pytest.fail(f"no {frames} frames in {DEADLINE_S} s: {recorder.state()}")


def test_all_streams_are_in_one_file_that_can_be_replayed(config: PipelineConfig, tmp_path: Path) -> None:
    recorder = PageRecorder(tmp_path, "rig", config)
    recorder.start("mcap")
    wait_for_frames(recorder, 10)
    recorder.stop()
    (path,) = recorder.finished
    with Recording(path) as recording:
        assert {"/visible", "/visible/meta", "/infrared", "/fused", "/labels", "/contract"} <= set(
            recording.counts
        )
        assert PipelineConfig.model_validate_json(recording.facts["config"]) == config
        assert list(recording.images("/visible"))


def test_a_folder_that_cannot_be_written_to_is_said_and_nothing_is_on(
    config: PipelineConfig, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    recorder = PageRecorder(tmp_path / "file", "rig", config)
    with pytest.raises(RecordingError, match="can't be written to"):
        recorder.start("mcap")
    assert not recorder.state()["on"]
