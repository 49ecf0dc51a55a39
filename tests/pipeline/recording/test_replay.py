"""A recording through the fusion node again: the same pictures and labels, bit for bit."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irvis.cli import main
from irvis.errors import SourceError
from irvis.frame import Frame, Modality
from irvis.settings import McapSink, PipelineConfig, ReplaySource
from pipeline.accounting.health import HealthReporter
from pipeline.capture.node import CaptureNode
from pipeline.fusion.node import FuseNode
from pipeline.recording.channels import FUSED, INFRARED, LABELS, VISIBLE
from pipeline.recording.reader import Recording, Stamped
from pipeline.recording.recorder import McapRecorder
from pipeline.sinks.mcap import McapNode
from pipeline.sources import open_source

FRAMES = 12
Run = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs real nodes until the sources end, and gives the recording of it."""

    def run(name: str, source: dict[str, Any], **sections: Any) -> Path:
        sockets = tmp_path_factory.mktemp("s")
        path = tmp_path / f"{name}.mcap"
        config = PipelineConfig.model_validate(
            {
                "visible": source,
                "infrared": source,
                "capture": {"pace": 0},
                "sync": {"link": "lossless"},
                "engine": {"kind": "onnx", "threads": 1, "streams": 1},
                "sinks": [{"kind": "mcap", "path": path, "reserve_bytes": 0}],
                "endpoints": {name: f"ipc://{sockets / name}" for name in ("visible", "infrared", "fused")},
                **sections,
            }
        )
        with ThreadPoolExecutor(3) as threads:
            nodes = [
                threads.submit(node.run, config, threading.Event(), HealthReporter(node.name))
                for node in (CaptureNode(), FuseNode(), McapNode())
            ]
            for node in nodes:
                node.result()
        return path

    return run


def images(path: Path, channel: str) -> list[Stamped]:
    with Recording(path) as recording:
        return list(recording.images(channel))


def test_a_replay_gives_the_recorded_pictures_bit_for_bit_again_and_again(run: Run) -> None:
    scene = {"width": 96, "height": 72, "ir_width": 64, "ir_height": 48}
    first = run("first", {"kind": "synthetic", "scene": scene, "duration_s": FRAMES / 25})
    again = [run(f"again{n}", {"kind": "replay", "path": str(first)}) for n in range(2)]
    for channel in (VISIBLE, INFRARED, FUSED, LABELS):
        recorded = images(first, channel)
        assert len(recorded) == FRAMES
        for path in again:
            for one, other in zip(recorded, images(path, channel), strict=True):
                assert one.stamp_ns == other.stamp_ns
                assert np.array_equal(one.image, other.image)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Visible at 25 Hz, infrared at 12.5 Hz."""
    from_ns, step_ns = 1_700_000_000_000_000_000, 40_000_000
    path = tmp_path / "made.mcap"
    recorder = McapRecorder(McapSink(path=path, reserve_bytes=0), {})
    shapes = {Modality.VISIBLE: (8, 8, 3), Modality.INFRARED: (8, 8)}
    for seq in range(10):
        for modality, shape in shapes.items():
            if modality is Modality.VISIBLE or seq % 2 == 0:
                stamp_ns = from_ns + seq * step_ns
                recorder.add(Frame(modality, np.full(shape, seq, np.uint8), stamp_ns, stamp_ns, seq, 1))
    recorder.close()
    return path


@pytest.mark.parametrize(
    ("modality", "seek_s", "expected"),
    [
        (Modality.VISIBLE, 0.0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (Modality.VISIBLE, 0.2, [5, 6, 7, 8, 9]),
        (Modality.INFRARED, 0.2, [6, 8]),
    ],
)
def test_seek_begins_both_cameras_at_one_time(
    recording: Path, modality: Modality, seek_s: float, expected: list[int]
) -> None:
    with open_source(ReplaySource(path=recording, seek_s=seek_s), modality) as source:
        read = [(int(image.pixels.flat[0]), image.media_ns) for image in source]
    assert read == [(seq, round((seq * 0.04 - seek_s) * 1e9)) for seq in expected]


def test_a_loop_goes_on_with_later_stamps(recording: Path) -> None:
    with open_source(ReplaySource(path=recording, loop=True), Modality.VISIBLE) as source:
        stamps = [image.stamp_ns or 0 for image, _ in zip(source, range(25), strict=False)]
    assert stamps == sorted(set(stamps))


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """A 16-bit, triggered infrared camera in parts of three frames."""
    recorder = McapRecorder(McapSink(path=tmp_path / "parts" / "made.mcap", reserve_bytes=0, part_s=1e-9), {})
    for seq in range(5):
        counts = np.full((8, 8), 1000 + seq, np.uint16)
        frame = Frame(
            Modality.INFRARED, np.full((8, 8), seq, np.uint8), 1000 * seq, 1000 * seq, seq, 1, 70 + seq, counts
        )
        recorder.add(frame)
    recorder.close()
    return recorder.paths


def test_triggers_and_counts_are_put_back(parts: list[Path]) -> None:
    with open_source(ReplaySource(path=parts[2]), Modality.INFRARED) as source:
        (image,) = list(source)
    assert image.trigger == 72
    assert image.counts is not None
    assert np.array_equal(image.counts, np.full((8, 8), 1002))


def test_parts_are_played_in_order_whether_they_are_listed_or_in_a_folder(parts: list[Path]) -> None:
    assert len(parts) == 5
    for given in (tuple(reversed(parts)), parts[0].parent):
        with open_source(ReplaySource(path=given), Modality.INFRARED) as source:
            assert source.length == 5
            assert [(image.stamp_ns, image.trigger) for image in source] == [(1000 * n, 70 + n) for n in range(5)]


def test_the_frames_of_parts_are_exported_together(parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["export-frames", str(parts[0].parent), "--topic", "infrared", "--out", str(tmp_path / "png")])
    assert stopped.value.code == 0
    assert len(list((tmp_path / "png").glob("*.png"))) == 5


def test_two_recordings_of_one_time_are_no_parts(recording: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mcap"
    recorder = McapRecorder(McapSink(path=other, reserve_bytes=0), {})
    for second in (0, 60):
        stamp_ns = 1_700_000_000_000_000_000 + (second - 30) * 1_000_000_000
        recorder.add(Frame(Modality.VISIBLE, np.zeros((8, 8, 3), np.uint8), stamp_ns, stamp_ns, second, 1))
    recorder.close()
    with pytest.raises(SourceError, match="not parts of one recording"):
        open_source(ReplaySource(path=(recording, other)), Modality.VISIBLE)


def test_an_empty_folder_is_no_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["info", str(tmp_path)])
    assert stopped.value.code == 3
    assert "no recording; expected an MCAP file, or a folder" in " ".join(capsys.readouterr().err.split())


def test_a_recording_without_the_camera_says_what_it_has(tmp_path: Path) -> None:
    recorder = McapRecorder(McapSink(path=tmp_path / "a.mcap", reserve_bytes=0), {})
    recorder.add(Frame(Modality.VISIBLE, np.zeros((4, 4, 3), np.uint8), 1, 1, 0, 1))
    recorder.close()
    with pytest.raises(SourceError, match="no infrared frames, only /visible"):
        open_source(ReplaySource(path=tmp_path / "a.mcap"), Modality.INFRARED)


def test_the_bus_alone_needs_a_configuration(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["replay", str(recording), "--bus"])
    assert stopped.value.code == 2
    assert "--bus: expected --config too" in capsys.readouterr().err
