"""The report of a solved rig shows what it stands on."""

from pathlib import Path

from calibration.commands import calibrate
from calibration.solve import solve
from calibration.views import Views, save_views
from irvis.rig import save_rig


def test_errors_coverage_parallax_and_pictures_are_shown(circles: Views, tmp_path: Path) -> None:
    circles.views[3].infrared = None
    rig = tmp_path / "rig.yaml"
    save_rig(solve(circles).rig, rig)
    save_views(circles, rig)
    calibrate(["report", str(rig)], result_action="return_value")
    page = rig.with_suffix(".html").read_text(encoding="utf-8")
    for title in ("Reprojection by view", "Epipolar error by view", "Coverage, infrared", "Off by distance"):
        assert f"<b>{title}</b>" in page
    assert "the board was not seen by the infrared camera" in page
    assert page.count("data:image/webp") == 12
    assert "board at 0." in page
