"""What a user may give wrong, and what they are told to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calibration.boards.target import Target
from calibration.checks import check_seen
from calibration.pairs import list_pairs, read_picture
from calibration.solve import solve
from calibration.views import Views
from irvis.errors import ConfigError, DataError

Making = Callable[..., Any]


def rewrite(folder: Path, change: Callable[[Any], Any]) -> None:
    for file in folder.iterdir():
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(file), change(picture))


def test_mixed_sizes_are_named(board_pairs: Making) -> None:
    made = board_pairs("circles", (160, 120), views=2)
    odd = made.folder / "ir" / "01.png"
    cv2.imwrite(str(odd), np.zeros((100, 120), np.uint8))
    with pytest.raises(
        DataError, match=r"infrared pictures of mixed sizes: most are 160x120, but 01\.png 120x100"
    ):
        made.views()


def test_mirrored_markers_are_told(board_pairs: Making) -> None:
    made = board_pairs("charuco", (640, 512), views=1)
    rewrite(made.folder / "ir", lambda picture: cv2.flip(picture, 1))
    with pytest.raises(DataError, match="the infrared pictures are mirrored"):
        check_seen(made.views())


def test_mirrored_markers_that_are_read_here_and_there_are_told(board_pairs: Making) -> None:
    made = board_pairs("charuco", (640, 512), views=3)
    for k in (1, 2):
        file = made.folder / "vi" / f"{k:02d}.png"
        cv2.imwrite(str(file), cv2.flip(read_picture(file), 1))
    with pytest.raises(DataError, match="the visible pictures are mirrored"):
        check_seen(made.views())


def test_a_mirrored_camera_is_told_by_how_the_board_moves(board_pairs: Making) -> None:
    made = board_pairs("circles", (320, 240), views=5)
    rewrite(made.folder / "ir", lambda picture: cv2.flip(picture, 1))
    with pytest.raises(DataError, match="one camera's pictures are mirrored or upside down"):
        check_seen(made.views())


def test_a_board_that_is_not_there_is_told(tmp_path: Path, board_pairs: Making) -> None:
    made = board_pairs("circles", (160, 120), views=1)
    rewrite(made.folder / "ir", lambda picture: np.full_like(picture, 90))
    with pytest.raises(DataError, match="the circles 7x5 board is in none of the 1 infrared pictures; check"):
        check_seen(made.views())


def test_three_views_are_too_few_for_lenses(circles: Views) -> None:
    circles.views = circles.views[:3]
    with pytest.raises(DataError, match=r"in 3 of 3 pairs .* expected 5 or more.*register --method board"):
        solve(circles)


def test_pictures_of_other_pairs_are_told(circles: Views) -> None:
    seen = [view.infrared for view in circles.views]
    for k, view in enumerate(circles.views):
        view.infrared = seen[(k * 3 + 2) % len(seen)]
    with pytest.raises(DataError, match=r"belong to other pairs|mirrored or upside down"):
        check_seen(circles)


def test_a_folder_without_pairs_says_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "vi").mkdir()
    with pytest.raises(DataError, match=r"no folder ir or .* expected folders ir/ and vi/"):
        list_pairs(tmp_path)


def test_markers_without_their_gaps_are_refused_for_lenses_only() -> None:
    with pytest.raises(ConfigError, match="expected --gap-mm, the white between two markers"):
        Target("aruco", 3, 4, 10.0).check_measured()


def test_markers_that_overlap_are_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"-2 mm between markers; expected --gap-mm and --row-gap-mm of 0 or more"
    ):
        Target("aruco", 3, 4, 10.0, gap_mm=3.0, row_gap_mm=-2.0)


def test_a_dictionary_that_opencv_lacks_is_told() -> None:
    with pytest.raises(ConfigError, match="--dictionary 9X9: OpenCV has no such markers"):
        Target("aruco", 3, 4, 10.0, dictionary="9X9").markers()
