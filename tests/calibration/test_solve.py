"""Known cameras are found again from pictures of boards, whatever the infrared looks like."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from msgspec import structs

from calibration.pairs import list_pairs
from calibration.solve import Solution, solve
from calibration.target import Kind, Target
from calibration.views import find_views
from irvis.rig import Rig

Making = Callable[..., Any]


def solved(made: Any) -> Solution:
    return solve(find_views(list_pairs(made.folder), made.target))


def apart(rig: Rig, truth: Rig) -> tuple[float, float]:
    """Angle between the rotations [degrees], and between the translations as a share of the baseline."""
    assert rig.ir_from_vis
    assert truth.ir_from_vis
    turn, _ = cv2.Rodrigues(np.array(rig.ir_from_vis.rotation) @ np.array(truth.ir_from_vis.rotation).T)
    off = np.linalg.norm(np.array(rig.ir_from_vis.translation_m) - np.array(truth.ir_from_vis.translation_m))
    return float(np.degrees(np.linalg.norm(turn))), float(off) / truth.ir_from_vis.baseline_m


@pytest.mark.parametrize("kind", ["aruco", "charuco", "chessboard", "circles", "acircles"])
def test_every_board_gives_the_true_rig(board_pairs: Making, kind: Kind) -> None:
    made = board_pairs(kind)
    solution = solved(made)
    angle_deg, share = apart(solution.rig, made.rig)
    assert solution.infrared.rms_px <= 0.3
    assert solution.visible.rms_px <= 0.3
    assert angle_deg <= 0.1
    assert share <= 0.01


@pytest.mark.parametrize(("kind", "seed"), [("circles", 3), ("acircles", 3), ("chessboard", 0), ("chessboard", 3)])
def test_a_small_infrared_camera_is_solved_too(board_pairs: Making, kind: Kind, seed: int) -> None:
    made = board_pairs(kind, (160, 120), blur_px=0.5, seed=seed)
    solution = solved(made)
    angle_deg, share = apart(solution.rig, made.rig)
    assert solution.infrared.rms_px <= 0.5
    assert angle_deg <= 0.1
    assert share <= 0.01


def test_large_markers_fit_a_small_infrared_camera(board_pairs: Making) -> None:
    large = Target("aruco", 3, 2, 80.0, gap_mm=24.0)
    solution = solved(board_pairs("aruco", (160, 120), blur_px=0.5, board=large))
    assert solution.infrared.rms_px <= 0.5
    assert solution.visible.rms_px <= 0.3


def test_a_view_that_does_not_fit_casts_no_doubt_on_the_lens(board_pairs: Making) -> None:
    made = board_pairs("circles", (320, 240), views=10)
    views = find_views(list_pairs(made.folder), made.target)
    seen = views.views[4].infrared
    assert seen
    wrong = [(x + 3 * (k % 3), y) for k, (x, y) in enumerate(seen.points)]
    views.views[4].infrared = structs.replace(seen, points=wrong)
    solution = solve(views)
    assert list(solution.rejected) == ["04"]
    assert not solution.infrared.is_held
