"""A rig that was solved and can't be trusted is said to be so."""

from dataclasses import replace

import numpy as np

from calibration.doubts import doubts
from calibration.solve import solve
from calibration.views import Views


def test_only_what_speaks_against_a_rig_is_said(circles: Views) -> None:
    solution, views = solve(circles), circles
    assert doubts(solution, views) == []
    (errors,) = doubts(replace(solution, stereo_rms_px=3.64), views)
    assert errors.startswith("3.6 px RMS; expected below 1: check the board's sizes")
    (alike,) = doubts(replace(solution, visible=replace(solution.visible, is_held=True)), views)
    assert "the visible camera's views are few or all alike" in alike
    long = replace(solution.infrared, K=np.diag([4000.0, 4000.0, 1.0]))
    (focal,) = doubts(replace(solution, infrared=long), views)
    assert "focal length is 4000 px; expected 128 to 2560 for pictures 320 px wide" in focal
    views.views = views.views[:5]
    assert "5 views; expected 8 or more" in doubts(solution, views)
