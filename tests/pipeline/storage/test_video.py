import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irvis.errors import RecordingError
from irvis.frame import Pixels
from pipeline.environment import RUN_BEGAN_S
from pipeline.storage.mp4 import is_cut_off
from pipeline.storage.video import VideoRecorder

S_NS = 1_000_000_000
STEP_NS = S_NS // 25
EPOCH_NS = 1_790_000_000 * S_NS


def picture(level: int = 100, size: tuple[int, int] = (64, 48)) -> Pixels:
    return np.full((size[1], size[0], 3), level, np.uint8)


def record(path: Path, stamps_ns: list[int]) -> VideoRecorder:
    with VideoRecorder(path) as recorder:
        for index, stamp_ns in enumerate(stamps_ns):
            recorder.write(picture(index % 200), stamp_ns)
    return recorder


def read_back(path: Path) -> tuple[list[int], list[Pixels]]:
    """Stamps [ns] and pictures of a file, as another player sees them."""
    with av.open(path) as container:
        frames = list(container.decode(video=0))
    stamps = [round(Fraction(frame.pts or 0) * (frame.time_base or 0) * S_NS) for frame in frames]
    return stamps, [frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False) for frame in frames]


def test_every_picture_is_there_in_order(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        for index in range(30):
            assert recorder.write(picture(8 * index), EPOCH_NS + index * STEP_NS)
    levels = [int(np.median(seen)) for seen in read_back(tmp_path / "a.mp4")[1]]
    np.testing.assert_allclose(levels, [8 * index for index in range(30)], atol=3)


@settings(max_examples=10, deadline=None)
@given(gaps_us=st.lists(st.integers(1, 1_799_999_999), max_size=8))
def test_stamps_are_kept_to_the_microsecond(tmp_path_factory: pytest.TempPathFactory, gaps_us: list[int]) -> None:
    path = tmp_path_factory.mktemp("video") / "a.mp4"
    stamps = np.cumsum([EPOCH_NS, *(gap * 1000 for gap in gaps_us)]).tolist()
    record(path, stamps)
    assert read_back(path)[0] == [stamp - EPOCH_NS for stamp in stamps]


def seen_shape(size: tuple[int, int]) -> tuple[int, int, int]:
    return size[1] + size[1] % 2, size[0] + size[0] % 2, 3


@pytest.mark.parametrize("size", [(64, 48), (66, 50), (34, 26), (641, 479)])
def test_colours_are_kept(tmp_path: Path, size: tuple[int, int]) -> None:
    colour = np.array([200, 90, 40], np.uint8)
    with VideoRecorder(tmp_path / "a.mp4", crf=5) as recorder:
        recorder.write(np.tile(colour, (size[1], size[0], 1)), 0)
    np.testing.assert_allclose(
        read_back(tmp_path / "a.mp4")[1][0], np.broadcast_to(colour, seen_shape(size)), atol=5
    )


@pytest.mark.parametrize("size", [(65, 48), (64, 49), (33, 1)])
def test_odd_sizes_grow_by_one_repeated_line(tmp_path: Path, size: tuple[int, int]) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        recorder.write(picture(100, size), 0)
    (seen,) = read_back(tmp_path / "a.mp4")[1]
    assert seen.shape == seen_shape(size)
    np.testing.assert_allclose(seen, 100, atol=3)


def test_a_finished_file_is_an_ordinary_mp4_with_a_keyframe_each_second(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [index * STEP_NS for index in range(75)])
    assert not is_cut_off(tmp_path / "a.mp4")
    with av.open(tmp_path / "a.mp4") as container:
        assert container.streams.video[0].frames == 75
        keys = [packet.pts for packet in container.demux(video=0) if packet.is_keyframe]
    assert keys == [0, 1_000_000, 2_000_000]


def test_pictures_out_of_order_are_counted_and_left_out(tmp_path: Path) -> None:
    recorder = record(tmp_path / "a.mp4", [0, STEP_NS, STEP_NS, 0, 2 * STEP_NS])
    assert recorder.dropped == {"out_of_order": 2}
    assert read_back(tmp_path / "a.mp4")[0] == [0, STEP_NS, 2 * STEP_NS]


def test_a_clock_that_is_set_back_begins_another_file_and_costs_no_picture(tmp_path: Path) -> None:
    recorder = record(tmp_path / "a.mp4", [9 * S_NS, 9 * S_NS + STEP_NS, 4 * S_NS, 4 * S_NS + STEP_NS])
    assert recorder.dropped == {}
    assert [read_back(path)[0] for path in recorder.paths] == [[0, STEP_NS]] * 2


def test_another_size_goes_into_another_file(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        recorder.write(picture(), 0)
        recorder.write(picture(size=(32, 32)), STEP_NS)
    assert recorder.paths == [tmp_path / "a.mp4", tmp_path / "a-2.mp4"]
    assert [read_back(path)[1][0].shape for path in recorder.paths] == [(48, 64, 3), (32, 32, 3)]


def test_a_stream_that_begins_again_earlier_goes_into_another_file(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        recorder.write(picture(), S_NS, stream_id=1)
        assert recorder.write(picture(), 0, stream_id=2)
    assert len(recorder.paths) == 2


def test_a_stream_that_begins_again_later_goes_on_in_the_same_file(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        recorder.write(picture(), 0, stream_id=1)
        recorder.write(picture(), 5 * S_NS, stream_id=2)
    assert read_back(tmp_path / "a.mp4")[0] == [0, 5 * S_NS]


def test_what_stands_in_for_a_camera_is_shown_once_until_its_next_picture_however_late_that_is(
    tmp_path: Path,
) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        assert not recorder.stand_in(picture(250)), "for nothing yet"
        recorder.write(picture(50), 0)
        assert [recorder.stand_in(picture(250)) for _ in range(3)] == [True, False, False]
        recorder.write(picture(50), STEP_NS)
        assert recorder.stand_in(picture(250)), "another time"
        recorder.write(picture(50), 60 * S_NS)
    assert recorder.dropped == {"stub": 3}
    (path,) = recorder.paths
    stamps, pictures = read_back(path)
    assert stamps == [0, STEP_NS // 2, STEP_NS, STEP_NS * 3 // 2, 60 * S_NS]
    np.testing.assert_allclose([int(np.median(seen)) for seen in pictures], [50, 250, 50, 250, 50], atol=3)


def test_what_stands_in_brings_all_pictures_before_it_to_the_file(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        for index in range(10):
            recorder.write(picture(), index * STEP_NS)
        recorder.stand_in(picture())
        assert recorder.unsaved == 1
        assert len(read_back(tmp_path / "a.mp4")[0]) == 10


def test_a_gap_too_long_for_one_file_begins_another(tmp_path: Path) -> None:
    assert len(record(tmp_path / "a.mp4", [0, 2 * 3600 * S_NS]).paths) == 2


KILLED = """
import os, pathlib, signal, sys
import numpy as np
from pipeline.storage.video import VideoRecorder

def record(frames):
    recorder = VideoRecorder(pathlib.Path(sys.argv[1]) / f"{frames}.mp4")
    for index in range(frames):
        recorder.write(np.full((48, 64, 3), index % 256, np.uint8), index * 40_000_000)
    print(frames, recorder.unsaved, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

for frames in map(int, sys.argv[2:]):
    pid = os.fork()
    if not pid:
        record(frames)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
"""
LENGTHS = 30, 45, 51, 60, 90, 130


class Killed(NamedTuple):
    """A recording whose process was killed, and how many of its frames it said that would cost."""

    path: Path
    unsaved: int


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Killed]:
    """By their lengths, in frames 40 ms apart; each was written in a process of its own."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", KILLED, str(folder), *map(str, LENGTHS)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return {
        frames: Killed(folder / f"{frames}.mp4", cost)
        for frames, cost in (map(int, line.split()) for line in said)
    }


def test_a_killed_recording_keeps_all_but_its_last_second(killed: dict[int, Killed]) -> None:
    assert is_cut_off(killed[90].path)
    stamps, _ = read_back(killed[90].path)
    assert len(stamps) >= 65
    assert stamps == [index * STEP_NS for index in range(len(stamps))]


@pytest.mark.parametrize("frames", LENGTHS)
def test_what_a_killed_recording_says_is_saved_is_in_its_file_and_stays_there(
    killed: dict[int, Killed], frames: int
) -> None:
    path, unsaved = killed[frames]
    assert len(read_back(path)[0]) == frames - unsaved > 0
    before = path.read_bytes()
    assert record(path, [0]).paths == [path.with_stem(f"{frames}-2")], "however early the first one died"
    assert path.read_bytes() == before


def test_a_recording_has_nothing_unsaved_when_it_is_closed(tmp_path: Path) -> None:
    recorder = record(tmp_path / "a.mp4", [index * STEP_NS for index in range(60)])
    assert recorder.unsaved == 0


def test_a_finished_recording_is_overwritten(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [0, STEP_NS])
    assert record(tmp_path / "a.mp4", [0]).paths == [tmp_path / "a.mp4"]
    assert read_back(tmp_path / "a.mp4")[0] == [0]


def test_a_finished_recording_of_the_same_run_stays_for_a_recorder_that_was_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "a.mp4"
    record(first, [0, STEP_NS])
    monkeypatch.setenv(RUN_BEGAN_S, str(first.stat().st_mtime - 1))
    assert record(first, [0]).paths == [tmp_path / "a-2.mp4"]
    monkeypatch.setenv(RUN_BEGAN_S, str(first.stat().st_mtime + 1))
    assert record(first, [0]).paths == [first], "that of an earlier run is overwritten"


def test_without_pictures_there_is_no_file(tmp_path: Path) -> None:
    record(tmp_path / "new" / "a.mp4", [])
    assert list(tmp_path.rglob("*.mp4")) == []


def test_a_folder_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordingError, match=r"file/a\.mp4: its folder can't be written to .*set sinks\.N\.path"):
        VideoRecorder(tmp_path / "file" / "a.mp4")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.symlink_to("/dev/full")
    with pytest.raises(RecordingError, match=r"a\.mp4: can't be written \(No space left on device\)"):
        record(path, [index * STEP_NS for index in range(60)])
