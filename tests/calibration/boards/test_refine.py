"""A board's points are refined to a few hundredths of a pixel by what is printed around them."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.boards.refine import refined
from calibration.boards.target import Kind, Target
from irvis.frame import Pixels
from irvis.geometry import Matrix

Making = Callable[..., Any]


def infrared(made: Any, view: int = 0) -> tuple[Pixels, Matrix, NDArray[np.intp]]:
    """An infrared picture, and where the board's points truly are; those that are well inside."""
    picture = cv2.imread(str(made.folder / "ir" / f"{view:02d}.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    camera, pose = made.rig.infrared, made.rig.ir_from_vis
    rotation, place = made.poses[view]
    turn = np.array(pose.rotation)
    points = made.target.points_m()
    origin = turn @ (place - rotation @ points.mean(axis=0)) + np.array(pose.translation_m)
    turned, _ = cv2.Rodrigues(turn @ rotation)
    there, _ = cv2.projectPoints(points, turned, origin, camera.intrinsics(), np.array(camera.dist))
    inside = ((there[:, 0] > 5) & (there[:, 0] < np.array(camera.size) - 6)).all(axis=1)
    return np.asarray(picture, np.uint8), np.asarray(there, np.float64)[inside, 0], np.flatnonzero(inside)


@pytest.mark.parametrize("size", [(160, 120), (640, 512)])
@pytest.mark.parametrize("kind", ["chessboard", "charuco", "circles", "acircles"])
def test_points_that_are_off_go_where_they_belong(board_pairs: Making, kind: Kind, size: tuple[int, int]) -> None:
    made = board_pairs(kind, size, views=1, blur_px=0.5)
    picture, truth, ids = infrared(made)
    off = truth + np.random.default_rng(0).normal(0, 0.15, truth.shape)
    found = refined(picture, made.target, off, ids).points
    assert np.sqrt(((found - truth) ** 2).sum(axis=1).mean()) < 0.03


@pytest.mark.parametrize("size", [(160, 120), (640, 512)])
def test_corners_of_markers_go_where_they_belong(board_pairs: Making, size: tuple[int, int]) -> None:
    made = board_pairs("aruco", size, views=1, blur_px=0.5, board=Target("aruco", 3, 2, 80.0, gap_mm=24.0))
    picture, truth, ids = infrared(made)
    off = truth + np.random.default_rng(0).normal(0, 0.15, truth.shape)
    found = refined(picture, made.target, off, ids).points
    assert np.sqrt(((found - truth) ** 2).sum(axis=1).mean()) < 0.06


def test_edges_keep_their_places_however_large_the_board_looks(board_pairs: Making) -> None:
    made = board_pairs("chessboard", views=3)
    picture, truth, ids = infrared(made, 2)  # drawn 103 times as large, where OpenCV's nearest neighbour errs
    found = refined(picture, made.target, truth, ids).points
    assert np.linalg.norm(found - truth, axis=1).max() < 0.1


def test_a_point_that_was_found_elsewhere_is_put_back(board_pairs: Making) -> None:
    made = board_pairs("chessboard", (160, 120), views=1, blur_px=0.5)
    picture, truth, ids = infrared(made)
    astray = truth.copy()
    astray[-1] += [2.0, 4.0]
    found = refined(picture, made.target, astray, ids).points
    assert np.linalg.norm(found - truth, axis=1).max() < 0.1


def test_points_where_no_board_is_stay_as_they_came() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160), np.uint8)
    target = Target("chessboard", 5, 4, 10.0)
    points = 20 + 1500 * target.points_m()[:, :2]
    np.testing.assert_array_equal(refined(noise, target, points, np.arange(20)).points, points)
