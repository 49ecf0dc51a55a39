"""Known cameras are found again from pictures of boards of every kind."""

from collections.abc import Callable
from typing import Any

import pytest

from calibration.boards.target import Kind
from calibration.solve import solve


@pytest.mark.parametrize("kind", ["aruco", "charuco", "chessboard", "circles", "acircles"])
def test_every_board_gives_the_true_rig(board_pairs: Callable[..., Any], kind: Kind) -> None:
    made = board_pairs(kind, views=9)
    solution = solve(made.views())
    angle_deg, share = made.apart(solution.rig)
    assert solution.infrared.rms_px <= 0.3
    assert solution.visible.rms_px <= 0.3
    assert angle_deg <= 0.1
    assert share <= 0.01
