"""Pictures in the other camera's folder are told, by whatever tells it."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from msgspec import structs

from calibration.boards.surround import is_dark_around
from calibration.boards.target import Target
from calibration.doubts import doubts
from calibration.pairs import list_pairs, read_picture
from calibration.solve import solve
from calibration.swapped import check_swapped, signs
from calibration.views import Views, find_views
from irvis.errors import DataError

Making = Callable[..., Any]


def swap(made: Any) -> None:
    (made.folder / "ir").rename(made.folder / "x")
    (made.folder / "vi").rename(made.folder / "ir")
    (made.folder / "x").rename(made.folder / "vi")


@pytest.mark.parametrize("kind", ["aruco", "chessboard"])
def test_swapped_folders_are_told(board_pairs: Making, kind: str) -> None:
    made = board_pairs(kind, (320, 240), views=2)
    check_swapped(made.views())
    swap(made)
    with pytest.raises(DataError, match="the cameras seem swapped; exchange the folders"):
        check_swapped(made.views())


def test_a_chessboard_is_told_by_colours_where_both_cameras_are_of_one_size(board_pairs: Making) -> None:
    made = board_pairs("chessboard", (320, 240), views=1)
    for file in (made.folder / "vi").iterdir():
        small = cv2.resize(read_picture(file), (320, 240))
        cv2.imwrite(str(file), cv2.merge([small // 2, small, small]))
    swap(made)
    with pytest.raises(
        DataError, match="the infrared pictures have colours and the visible ones have none: the cam"
    ):
        check_swapped(made.views())


def test_a_chessboard_on_a_dark_plate_alone_is_no_reason_to_refuse(circles: Views) -> None:
    circles.target = Target("chessboard", 7, 5, 40.0)
    for view in circles.views:
        assert view.visible
        assert view.infrared
        view.visible = structs.replace(view.visible, is_inverted=True)
        view.infrared = structs.replace(view.infrared, is_inverted=False)
    check_swapped(circles)
    assert len(signs(circles)) == 1
    assert any("black and white exchanged" in each for each in doubts(solve(circles), circles))


def test_false_colours_and_an_enlarged_infrared_are_no_reason_to_refuse(circles: Views) -> None:
    circles.infrared_has_colours, circles.infrared_size = True, (1280, 960)
    check_swapped(circles)
    assert len(signs(circles)) == 2


@pytest.mark.parametrize("is_inverted", [False, True])
def test_what_a_chessboard_is_printed_on_is_seen(board_pairs: Making, is_inverted: bool) -> None:
    made = board_pairs("chessboard", (160, 120), views=1, blur_px=0.5, inverted=is_inverted)
    pairs = list_pairs(made.folder)
    seen = find_views(pairs, made.target).views[0].infrared
    assert seen
    gray = read_picture(pairs[0].infrared)
    assert is_dark_around(gray, seen.places(), made.target) is is_inverted
    assert seen.is_inverted is is_inverted


def test_a_chessboard_that_fills_the_picture_tells_nothing_by_its_edge() -> None:
    board = Target("chessboard", 7, 5, 40.0)
    rows, columns = np.mgrid[:60, :80] // 10
    gray = np.where((rows + columns) % 2, 200, 50).astype(np.uint8)
    x, y = np.meshgrid(np.arange(7) * 10 + 9.5, np.arange(5) * 10 + 9.5)
    assert is_dark_around(gray, np.column_stack([x.ravel(), y.ravel()]), board) is None
