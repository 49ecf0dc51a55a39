"""Views that don't fit the others are left out, named, and harm nothing."""

import pytest
from msgspec import structs

from calibration.solve import solve
from calibration.views import Views


@pytest.fixture
def one_is_off(circles: Views) -> Views:
    seen = circles.views[4].infrared
    assert seen
    wrong = [(x + 3 * (k % 3), y) for k, (x, y) in enumerate(seen.points)]
    circles.views[4].infrared = structs.replace(seen, points=wrong)
    return circles


def test_a_view_that_does_not_fit_is_left_out_and_casts_no_doubt_on_the_lens(one_is_off: Views) -> None:
    solution = solve(one_is_off)
    assert list(solution.rejected) == ["04"]
    assert "reprojection error" in solution.rejected["04"]
    assert not solution.infrared.is_held


def test_a_camera_that_moved_for_one_pair_is_told_by_the_other(circles: Views) -> None:
    seen = circles.views[4].infrared
    assert seen
    moved = [(x + 6, y) for x, y in seen.points]  # fits this lens by itself
    circles.views[4].infrared = structs.replace(seen, points=moved)
    assert "the two cameras disagree by" in solve(circles).rejected["04"]
