"""Pairs from files: images by stem, video frames by time."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from irvis.clock import NS_PER_S
from irvis.errors import ConfigError
from irvis.frame import InfraredState
from irvis.settings import FileSource, FolderSource
from pipeline.offline.pairs import FilePairs
from pipeline.storage.video import VideoRecorder


def folder(path: Path, *names: str) -> FolderSource:
    path.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        cv2.imwrite(str(path / name), np.full((8, 8), number, np.uint8))
    return FolderSource(path=path)


def video(path: Path, times_s: Sequence[float]) -> FileSource:
    """A video whose frames are as bright as their time, 100 a second."""
    with VideoRecorder(path, crf=1) as recorder:
        for time_s in times_s:
            recorder.write(np.full((16, 16, 3), round(100 * time_s), np.uint8), round(time_s * NS_PER_S))
    return FileSource(path=path)


def test_images_are_matched_by_stem_whatever_their_suffix(tmp_path: Path) -> None:
    pairs = FilePairs(folder(tmp_path / "vi", "a.png", "b.jpg"), folder(tmp_path / "ir", "a.bmp", "b.png"))
    assert [pair.name for pair in pairs] == ["a", "b"]
    assert pairs.length == 2
    assert not pairs.dropped


def test_images_without_counterpart_are_counted(tmp_path: Path) -> None:
    visible = folder(tmp_path / "vi", "a.png", "b.png", "d.png", "z.png")
    pairs = FilePairs(visible, folder(tmp_path / "ir", "b.png", "c.png", "d.png", "x.png", "y.png"))
    assert [pair.name for pair in pairs] == ["b", "d"]
    assert pairs.dropped == {"visible_unmatched": 2, "infrared_unmatched": 3}


def test_stems_that_begin_alike_are_matched(tmp_path: Path) -> None:
    names = ("a.png", "a-1.png", "a.b.png", "a1.png")
    pairs = FilePairs(folder(tmp_path / "vi", *names), folder(tmp_path / "ir", *names))
    assert sorted(pair.name for pair in pairs) == ["a", "a-1", "a.b", "a1"]


def test_images_that_can_not_be_read_are_counted(tmp_path: Path) -> None:
    visible, infrared = folder(tmp_path / "vi", "a.png", "b.png"), folder(tmp_path / "ir", "a.png", "b.png")
    (tmp_path / "ir" / "a.png").write_bytes(b"no image")
    pairs = FilePairs(visible, infrared)
    assert [pair.name for pair in pairs] == ["b"]
    assert pairs.dropped == {"visible_unmatched": 1, "infrared_undecodable": 1}


def test_folders_without_a_common_stem_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no stem in both folders: .*vi has a, .*ir has b"):
        FilePairs(folder(tmp_path / "vi", "a.png"), folder(tmp_path / "ir", "b.png"))


def test_two_images_of_one_stem_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="several images of one stem"):
        FilePairs(folder(tmp_path / "vi", "a.png", "a.jpg"), folder(tmp_path / "ir", "a.png"))


def test_a_folder_and_a_video_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"is a folder, .* is a video; expected two folders of images, two images"
    ):
        FilePairs(folder(tmp_path / "vi", "a.png"), video(tmp_path / "ir.mp4", [0]))


def test_a_folder_and_an_image_are_refused(tmp_path: Path) -> None:
    image = FolderSource(path=folder(tmp_path / "ir", "a.png").path / "a.png")
    with pytest.raises(
        ConfigError, match=r"is a folder, .* is an image; expected two folders of images, two images"
    ):
        FilePairs(folder(tmp_path / "vi", "a.png"), image)


def test_video_frames_get_the_nearest_infrared(tmp_path: Path) -> None:
    visible = video(tmp_path / "vi.mp4", [0, 0.1, 0.2, 0.3, 0.4])
    pairs = FilePairs(visible, video(tmp_path / "ir.mp4", [0, 0.16, 0.33, 0.4]))
    matched = [round(float(pair.infrared.pixels.mean())) for _, pair in pairs if pair.infrared]
    assert matched == pytest.approx([0, 16, 16, 33, 40], abs=2)


def test_every_visible_frame_comes_once_and_in_order(tmp_path: Path) -> None:
    pairs = FilePairs(video(tmp_path / "vi.mp4", [0, 0.1, 0.2]), video(tmp_path / "ir.mp4", [0, 0.02, 0.04, 0.2]))
    assert [name for name, _ in pairs] == ["000000", "000001", "000002"]


def test_visible_frames_after_the_end_of_the_infrared_come_alone(tmp_path: Path) -> None:
    pairs = FilePairs(video(tmp_path / "vi.mp4", [0, 0.1, 0.2, 0.6, 0.7]), video(tmp_path / "ir.mp4", [0, 0.1]))
    states = [pair.infrared_state for _, pair in pairs]
    assert states == [InfraredState.LIVE] * 3 + [InfraredState.LOST] * 2
