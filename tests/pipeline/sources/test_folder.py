import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from irvis.errors import SourceError
from irvis.frame import Modality, Pixels
from irvis.settings import FolderSource
from pipeline.sources.folder import ImageFolder

STEP_NS = 100_000_000


def write_image(path: Path, pixels: Pixels) -> None:
    assert cv2.imwrite(str(path), pixels)


def write_levels(folder: Path, levels: list[int]) -> Path:
    for index, level in enumerate(levels):
        write_image(folder / f"{index:03d}.png", np.full((4, 6), level, np.uint8))
    return folder


def open_folder(path: Path, modality: Modality = Modality.INFRARED, loop: bool = False) -> ImageFolder:
    return ImageFolder(FolderSource(path=path, fps=10, loop=loop), modality)


def test_images_come_by_name_at_the_given_rate(tmp_path: Path) -> None:
    with open_folder(write_levels(tmp_path, [10, 20, 30])) as source:
        assert source.length == 3
        assert [(image.name, int(image.pixels[0, 0]), image.media_ns) for image in source] == [
            ("000", 10, 0),
            ("001", 20, STEP_NS),
            ("002", 30, 2 * STEP_NS),
        ]


def test_a_colour_image_of_the_infrared_becomes_gray(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", np.full((4, 6, 3), 50, np.uint8))
    with open_folder(tmp_path) as source:
        image = source.read()
    assert image is not None
    assert image.pixels.shape == (4, 6)


def test_a_gray_image_of_the_visible_becomes_bgr(tmp_path: Path) -> None:
    with open_folder(write_levels(tmp_path, [50]), Modality.VISIBLE) as source:
        image = source.read()
    assert image is not None
    assert image.pixels.shape == (4, 6, 3)


def test_an_unreadable_image_is_counted_and_leaves_a_gap_in_time(tmp_path: Path) -> None:
    write_levels(tmp_path, [10, 20, 30])
    (tmp_path / "001.png").write_bytes(b"\x89PNG broken")
    with open_folder(tmp_path) as source:
        assert [image.media_ns for image in source] == [0, 2 * STEP_NS]
        assert source.dropped == {"undecodable": 1}


def test_infrared_of_16_bits_keeps_its_counts_beside_its_brightness(tmp_path: Path) -> None:
    counts = np.linspace(29_000, 31_000, 24).astype(np.uint16).reshape(4, 6)
    assert cv2.imwrite(str(tmp_path / "counts.png"), counts)
    with open_folder(tmp_path) as source:
        (image,) = source
    assert image.counts is not None
    assert np.array_equal(image.counts, counts)
    assert (image.pixels[0, 0], image.pixels[-1, -1]) == (0, 255)


def test_visible_of_16_bits_is_counted_not_cut(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "0.png"), np.full((4, 6, 3), 9, np.uint8))
    assert cv2.imwrite(str(tmp_path / "1.png"), np.full((4, 6, 3), 30000, np.uint16))
    with ImageFolder(FolderSource(path=tmp_path), Modality.VISIBLE) as source:
        assert len(list(source)) == 1
        assert source.dropped == {"not_8_bit": 1}


def test_sizes_may_change(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", np.zeros((4, 6), np.uint8))
    write_image(tmp_path / "b.png", np.zeros((8, 8), np.uint8))
    with open_folder(tmp_path) as source:
        assert [image.pixels.shape for image in source] == [(4, 6), (8, 8)]


def test_images_that_come_too_late_are_not_even_read(tmp_path: Path) -> None:
    write_levels(tmp_path, [1, 2, 3, 4, 5])
    with open_folder(tmp_path) as source:
        for late in sorted(tmp_path.iterdir())[1:3]:
            late.unlink()
        source.skip_to(3 * STEP_NS)
        assert [image.media_ns for image in source] == [0, 3 * STEP_NS, 4 * STEP_NS]
        assert source.dropped == {"behind": 2}


def test_a_looped_folder_goes_on_with_its_stamps(tmp_path: Path) -> None:
    with open_folder(write_levels(tmp_path, [1, 2]), loop=True) as source:
        assert [image.media_ns for image in itertools.islice(source, 5)] == [i * STEP_NS for i in range(5)]


@pytest.mark.parametrize("loop", [False, True])
def test_a_folder_of_broken_images_alone_is_refused(tmp_path: Path, loop: bool) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(SourceError, match="none of its 1 images can be used"):
        open_folder(tmp_path, loop=loop)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone: No such file.*expected a folder with images"):
        open_folder(tmp_path / "gone")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(SourceError, match="no image in it; expected a folder with images"):
        open_folder(tmp_path)
