"""MP4 recordings in parts, at a full disk, and after they were cut off."""

import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from rich.progress import Progress

from irvis.cli import main
from irvis.frame import Pixels
from pipeline.storage.disk import DiskGuard
from pipeline.storage.mp4 import is_cut_off, remux
from pipeline.storage.parts import Rotation
from pipeline.storage.video import VideoRecorder

STEP_NS = 40_000_000


def noise(seq: int) -> Pixels:
    return np.random.default_rng(seq).integers(0, 256, (48, 64, 3), np.uint8)


def frames_in(paths: list[Path]) -> list[int]:
    counts = []
    for path in paths:
        assert not is_cut_off(path)
        with av.open(path) as container:
            counts.append(sum(1 for _ in container.decode(video=0)))
    return counts


def test_parts_by_size_hold_every_picture(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4", rotation=Rotation(part_bytes=100_000)) as recorder:
        for seq in range(200):
            assert recorder.write(noise(seq), seq * STEP_NS)
    counts = frames_in(recorder.paths)
    assert len(counts) > 1
    assert sum(counts) == 200


def test_a_part_by_time_is_one_for_each_picture_if_no_time_is_allowed(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4", rotation=Rotation(part_s=1e-9)) as recorder:
        for seq in range(3):
            recorder.write(noise(seq), seq * STEP_NS)
    assert frames_in(recorder.paths) == [1, 1, 1]


@pytest.fixture
def always_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.storage.disk.LOOK_S", 0.0)


@pytest.mark.usefixtures("always_looking")
def test_a_full_disk_closes_the_file_whole_and_is_said(tmp_path: Path) -> None:
    free = [50, 50, 5, 50, 50]
    recorder = VideoRecorder(tmp_path / "a.mp4", reserve_bytes=10, free=lambda _folder: free.pop(0))
    notes = []
    for seq in range(5):
        recorder.write(noise(seq), seq * STEP_NS)
        notes.append(recorder.note)
    recorder.close()
    assert [bool(note) for note in notes] == [False, False, True, False, False]
    assert notes[2].startswith("disk full: not recording until")
    assert recorder.dropped == {"disk_full": 1}
    assert frames_in(recorder.paths) == [2, 2]


@pytest.mark.usefixtures("always_looking")
def test_a_disk_that_was_full_must_have_room_to_spare_before_it_is_used_again() -> None:
    free = iter([11, 9, 11, 14, 15, 11])
    guard = DiskGuard(Path(), 10, lambda _folder: next(free))
    assert [guard.has_room() for _ in range(6)] == [True, False, False, False, True, True]


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A hundred frames, as they are on the disk just before the file is closed."""
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        for seq in range(100):
            recorder.write(noise(seq), seq * STEP_NS)
        shutil.copy(tmp_path / "a.mp4", tmp_path / "cut.mp4")
    assert is_cut_off(tmp_path / "cut.mp4")
    return tmp_path / "cut.mp4"


def test_how_far_a_recovery_is_can_be_shown(cut: Path, tmp_path: Path) -> None:
    with Progress(disable=True) as shown:
        remux(cut, tmp_path / "whole.mp4", shown)
    (task,) = shown.tasks
    assert task.completed == task.total == cut.stat().st_size


def test_a_recording_that_was_cut_off_is_made_whole(
    cut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["recover", str(cut)], ["info", str(cut)]):
        with pytest.raises(SystemExit) as stopped:
            main(command)
        assert stopped.value.code == 0
    (frames,) = frames_in([tmp_path / "cut-recovered.mp4"])
    assert frames >= 50  # all but the last second's and what the encoder held
    said = " ".join(capsys.readouterr().out.split())
    assert f"{frames} frames" in said
    assert "cut off" in said
