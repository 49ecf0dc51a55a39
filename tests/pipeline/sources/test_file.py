import itertools
import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from irvis.errors import SourceError
from irvis.frame import Modality
from irvis.settings import FileSource
from pipeline.sources.file import VideoFile

DATA = Path(os.environ.get("IRVIS_DATA", Path(__file__).parents[4] / "shared" / "data"))
MS_NS = 1_000_000


def write_video(path: Path, levels: Iterable[int], times_ms: Sequence[int] | None = None) -> Path:
    """A video of even luma, 64x48, at 25 fps or at the given times; every third picture is a keyframe."""
    with av.open(path, "w", container_options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "1"})
        stream.width, stream.height, stream.gop_size = 64, 48, 3
        stream.codec_context.time_base = Fraction(1, 1000)
        for level, time_ms in zip(levels, times_ms or itertools.count(0, 40), strict=False):
            luma, chroma = np.full((48, 64), level, np.uint8), np.full((24, 64), 128, np.uint8)
            frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def damage(path: Path, index: int) -> None:
    """Overwrite one packet's bytes."""
    with av.open(path) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    position, size = packets[index]
    assert position is not None
    with path.open("r+b") as file:
        file.seek(position)
        file.write(bytes(size))


def open_file(path: Path, modality: Modality = Modality.VISIBLE, loop: bool = False) -> VideoFile:
    return VideoFile(FileSource(path=path, loop=loop), modality)


def test_every_frame_comes_once_in_order(tmp_path: Path) -> None:
    luma = np.arange(20, 220, 10)
    with open_file(write_video(tmp_path / "a.mp4", luma)) as source:
        seen = [int(np.median(image.pixels)) for image in source]
    np.testing.assert_allclose(seen, (luma - 16) * 255 / 219, atol=2)


def test_frames_that_come_too_late_are_left_out_and_the_next_are_whole(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", range(20, 220, 10))
    with open_file(path) as source:
        whole = list(source)
    with open_file(path) as source:
        source.skip_to(7 * 40 * MS_NS)
        first, *rest = source
    assert source.dropped == {"behind": 6}
    assert (first.media_ns, [image.media_ns for image in rest]) == (0, [n * 40 * MS_NS for n in range(7, 20)])
    np.testing.assert_array_equal(rest[0].pixels, whole[7].pixels)


def test_stamps_are_the_files_own_presentation_times(tmp_path: Path) -> None:
    times_ms = [0, 40, 55, 300, 1000]
    with open_file(write_video(tmp_path / "a.mp4", range(5), times_ms)) as source:
        assert [image.media_ns for image in source] == [t * MS_NS for t in times_ms]


def test_media_time_begins_with_the_first_frame(tmp_path: Path) -> None:
    with open_file(write_video(tmp_path / "a.mkv", range(3), [500, 540, 580])) as source:
        assert [image.media_ns for image in source] == [0, 40 * MS_NS, 80 * MS_NS]


def test_visible_is_colour_and_infrared_gray(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [126])
    with open_file(path) as visible, open_file(path, Modality.INFRARED) as infrared:
        colour, gray = visible.read(), infrared.read()
    assert colour is not None
    assert gray is not None
    assert colour.pixels.shape == (48, 64, 3)
    assert gray.pixels.shape == (48, 64)
    np.testing.assert_allclose(gray.pixels, (126 - 16) * 255 / 219, atol=2)


def test_length_is_known_for_progress_bars(tmp_path: Path) -> None:
    with open_file(write_video(tmp_path / "a.mp4", range(7))) as source:
        assert source.length == 7


def test_a_looped_file_goes_on_with_its_stamps(tmp_path: Path) -> None:
    with open_file(write_video(tmp_path / "a.mp4", range(3)), loop=True) as source:
        stamps = [image.media_ns for image in itertools.islice(source, 8)]
        assert source.length is None
    assert stamps == [i * 40 * MS_NS for i in range(8)]


def test_a_damaged_frame_is_counted_and_leaves_a_gap_in_time(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", range(9))
    damage(path, 4)
    with open_file(path) as source:
        stamps = [image.media_ns for image in source]
        assert source.dropped == {"undecodable": 1}
    assert stamps == [i * 40 * MS_NS for i in range(9) if i != 4]


def test_a_damaged_first_frame_does_not_move_the_others(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", range(9))
    damage(path, 0)
    with open_file(path) as source:
        image = source.read()
    assert image is not None
    assert image.media_ns in {40 * MS_NS * i for i in (1, 2, 3)}


def test_a_file_cut_short_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole = write_video(tmp_path / "a.mp4", [(i * 37) % 256 for i in range(60)])
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with open_file(cut) as source:
        given = len(list(source))
    assert 0 < given < 60
    assert "of 60 frames; is it cut short?" in caplog.text


def test_a_missing_file_is_named_with_the_key_to_check(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.mp4: no such file; expected a video.*visible\.path"):
        open_file(tmp_path / "gone.mp4")


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("not a video " * 100)
    with pytest.raises(SourceError, match=r"notes\.mp4: .*expected a video file that FFmpeg reads"):
        open_file(path)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match="no video in it"):
        open_file(path)


def test_a_video_of_damaged_frames_alone_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", range(3))
    for index in range(3):
        damage(path, index)
    with pytest.raises(SourceError, match=r"no frame could be decoded \(\d damaged\)"):
        open_file(path)


def test_raw_infrared_counts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "counts.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=9)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "gray16le"
        frame = av.VideoFrame.from_ndarray(np.full((48, 64), 30000, np.uint16), format="gray16le")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match="16-bit infrared counts; expected an 8-bit picture"):
        open_file(path, Modality.INFRARED)


def test_a_closed_file_gives_nothing(tmp_path: Path) -> None:
    source = open_file(write_video(tmp_path / "a.mp4", range(3)))
    source.close()
    assert source.read() is None


@pytest.mark.skipif(not (DATA / "vtuav_bus").is_dir(), reason=f"no {DATA}/vtuav_bus (set IRVIS_DATA)")
def test_the_real_drone_video_has_its_101_frames() -> None:
    with open_file(DATA / "vtuav_bus" / "infrared.mp4", Modality.INFRARED) as source:
        stamps = [image.media_ns for image in source]
    assert stamps == [i * 40 * MS_NS for i in range(101)]
