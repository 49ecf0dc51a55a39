from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irvis.errors import RecordingError
from irvis.frame import Pixels
from pipeline.sinks.contact_sheet import ContactSheet, spread

S_NS = 1_000_000_000


def picture(level: int = 100) -> Pixels:
    return np.full((48, 64, 3), level, np.uint8)


def sheet_of(tmp_path: Path, count: int) -> Pixels:
    sheet = ContactSheet(tmp_path / "sheet.png")
    for index in range(count):
        sheet.add(picture(index * 255 // max(1, count - 1)), index * S_NS)
    assert sheet.write()
    seen = cv2.imread(str(tmp_path / "sheet.png"))
    assert seen is not None
    return seen.astype(np.uint8, copy=False)


@pytest.mark.parametrize("count", [6, 36, 37, 73, 1000])
def test_a_contact_sheet_shows_six_pictures_from_the_whole_recording(tmp_path: Path, count: int) -> None:
    sheet = sheet_of(tmp_path, count)
    assert sheet.shape[:2] == (3 * 48 + 2 * 6, 2 * 64 + 6)
    shown = [sheet[row * 54 + 5, column * 70 + 5, 0] for row in range(3) for column in range(2)]
    np.testing.assert_allclose(shown, np.linspace(0, 255, 6), atol=20)


def test_a_short_recording_has_a_short_contact_sheet(tmp_path: Path) -> None:
    assert sheet_of(tmp_path, 1).shape == (48, 64, 3)


def test_without_pictures_there_is_no_contact_sheet(tmp_path: Path) -> None:
    assert not ContactSheet(tmp_path / "sheet.png").write()
    assert not (tmp_path / "sheet.png").exists()


def test_a_contact_sheet_keeps_few_pictures_in_memory(tmp_path: Path) -> None:
    sheet = ContactSheet(tmp_path / "sheet.png")
    for index in range(2000):
        sheet.add(picture(), index)
        assert len(sheet.kept) <= 36


@given(count=st.integers(1, 500), wanted=st.integers(2, 9))
def test_spread_is_even_and_has_both_ends(count: int, wanted: int) -> None:
    chosen = spread(count, wanted)
    assert chosen[0] == 0
    assert chosen[-1] == count - 1
    steps = np.diff(chosen)
    assert len(steps) == 0 or steps.max() - steps.min() <= 1


def test_a_contact_sheet_of_an_unknown_format_is_refused(tmp_path: Path) -> None:
    sheet = ContactSheet(tmp_path / "sheet.xyz")
    sheet.add(picture(), 0)
    with pytest.raises(RecordingError, match=r"sheet\.xyz: expected a path that ends in \.png"):
        sheet.write()
