"""An infrared camera of 160x120 is solved too."""

from collections.abc import Callable
from typing import Any

import pytest

from calibration.boards.target import Kind, Target
from calibration.solve import solve

Making = Callable[..., Any]


@pytest.mark.parametrize("kind", ["circles", "acircles", "chessboard", "charuco"])
def test_a_small_infrared_camera_is_solved_too(board_pairs: Making, kind: Kind) -> None:
    made = board_pairs(kind, (160, 120), blur_px=0.5)
    solution = solve(made.views())
    angle_deg, share = made.apart(solution.rig)
    assert solution.infrared.rms_px <= 0.5
    assert angle_deg <= 0.1
    assert share <= 0.01


def test_large_markers_are_worth_lenses_and_pose_to_a_small_infrared_camera(board_pairs: Making) -> None:
    large = Target("aruco", 3, 2, 80.0, gap_mm=24.0)
    made = board_pairs("aruco", (160, 120), blur_px=0.5, board=large)
    solution = solve(made.views())
    angle_deg, share = made.apart(solution.rig)
    assert solution.infrared.rms_px <= 0.5
    assert solution.visible.rms_px <= 0.3
    assert angle_deg <= 0.1
    assert share <= 0.01
