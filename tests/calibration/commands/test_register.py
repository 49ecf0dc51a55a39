"""A homography comes from points, pictures or a board, with an error, or with a reason why not."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calibration.boards.target import Target
from calibration.commands import calibrate
from calibration.homography import fit
from calibration.pairs import list_pairs
from calibration.register import from_board, from_images, from_points
from calibration.views import load_views
from irvis.errors import ConfigError, DataError
from irvis.geometry import warp_points
from irvis.registration.model import Model, corner_distance_px
from irvis.rig import load_rig
from irvis.scene import Scene, SceneConfig

TRUTH = np.array([[1.3, 0.02, 40.0], [-0.01, 1.32, 20.0], [2e-5, 1e-5, 1.0]])


@pytest.fixture
def street(tmp_path: Path) -> tuple[Path, Scene]:
    scene = Scene(SceneConfig(light="day", ir_width=320, ir_height=240, ir_shift_px=(9.0, -6.0), ir_scale=1.02))
    for k in range(3):
        for folder, picture in (("vi", scene.visible(10.0 * k)), ("ir", scene.infrared(10.0 * k))):
            (tmp_path / folder).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / folder / f"{k}.png"), picture)
    return tmp_path, scene


def test_the_street_registers_itself(street: tuple[Path, Scene]) -> None:
    folder, scene = street
    found = from_images(list_pairs(folder), "similarity")
    assert corner_distance_px(found.vis_from_ir, scene.vis_from_ir, (320, 240)) < 1.0
    assert found.used == "3 of 3 pairs sure"


def test_the_command_writes_a_rig_and_its_report(street: tuple[Path, Scene]) -> None:
    folder, scene = street
    rig = folder / "rig.yaml"
    calibrate(["register", str(folder), "--out", str(rig)], result_action="return_value")
    matrix = load_rig(rig).homography((640, 480), (320, 240))
    assert corner_distance_px(matrix, scene.vis_from_ir, (320, 240)) < 1.0
    calibrate(["report", str(rig), "--pairs", str(folder)], result_action="return_value")
    page = rig.with_suffix(".html").read_text(encoding="utf-8")
    assert page.count("data:image/webp") == 6


def test_pictures_without_edges_are_told(tmp_path: Path) -> None:
    for folder in ("vi", "ir"):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "a.png"), np.full((120, 160), 80, np.uint8))
    with pytest.raises(DataError, match=r"none of 1 pairs could be registered .* mark points instead"):
        from_images(list_pairs(tmp_path), "similarity")


def test_marked_points_give_the_homography(tmp_path: Path) -> None:
    ir = np.random.default_rng(0).uniform(0, 300, (8, 2))
    rows = np.column_stack([warp_points(TRUTH, ir), ir])
    file = tmp_path / "points.csv"
    file.write_text("vis_x,vis_y,ir_x,ir_y\n" + "\n".join(",".join(map(str, row)) for row in rows))
    found = from_points(file, (640, 480), (320, 240), "homography")
    np.testing.assert_allclose(found.vis_from_ir, TRUTH, atol=1e-4)
    assert found.error_px < 1e-3


def test_points_that_disagree_are_doubted_and_a_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    ir = np.random.default_rng(0).uniform(0, 300, (8, 2))
    rows = np.column_stack([warp_points(TRUTH, ir), ir])
    rows[3, 0] += 40
    file.write_text("\n".join(",".join(map(str, row)) for row in rows))
    assert "mark 8 or more" in from_points(file, (640, 480), (320, 240), "homography").doubt
    file.write_text("vis_x,vis_y,ir_x,ir_y\n1,2,3\n")
    with pytest.raises(DataError, match=r"line 2 is '1,2,3'; expected lines of visible x, y"):
        from_points(file, (640, 480), (320, 240), "homography")


def test_too_few_points_are_told(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("1,2,3,4\n5,6,7,8\n")
    with pytest.raises(DataError, match="2 points; a homography needs 4 and one more"):
        from_points(file, (640, 480), (320, 240), "homography")


def test_one_view_of_a_board_gives_a_homography(board_pairs: Callable[..., Any]) -> None:
    made = board_pairs("aruco", (320, 240), views=1)
    found = from_board(made.views(), "homography")
    assert found.error_px < 0.4


def test_a_board_with_small_markers_is_registered_by_their_share(
    board_pairs: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    made = board_pairs("charuco", (640, 512), views=1, board=Target("charuco", 7, 5, 40.0, marker_mm=24.0))
    given = ["register", str(made.folder), "--method", "board", "--target", "charuco", "--size", "7x5"]
    out = ["--out", str(made.folder / "rig.yaml")]
    calibrate([*given, "--marker-share", "0.6", *out], result_action="return_value")
    assert re.search(
        r"1 views of the board; RMS of the points it was fitted to: 0\.[01]\d px", capsys.readouterr().out
    )
    seen = load_views(made.folder / "rig.yaml")
    assert seen
    assert seen.target.marker_mm == 0.6
    with pytest.raises(ConfigError, match=r"--marker-share 1.5: expected a share of the square's side"):
        calibrate([*given, "--marker-share", "1.5", *out], result_action="return_value")


@pytest.mark.parametrize("model", ["shift", "shift_scale", "similarity", "affine", "homography"])
def test_every_model_is_fitted_exactly_by_its_own_points(model: Model) -> None:
    truth = {
        "shift": np.array([[1, 0, 5.0], [0, 1, -3.0], [0, 0, 1]]),
        "shift_scale": np.array([[1.1, 0, 5.0], [0, 1.1, -3.0], [0, 0, 1]]),
        "similarity": np.array([[1.1, -0.1, 5.0], [0.1, 1.1, -3.0], [0, 0, 1]]),
        "affine": np.array([[1.1, -0.1, 5.0], [0.2, 0.9, -3.0], [0, 0, 1]]),
        "homography": TRUTH,
    }[model]
    ir = np.random.default_rng(0).uniform(0, 300, (9, 2))
    np.testing.assert_allclose(fit(ir, warp_points(truth, ir), model, robust=False), truth, atol=1e-4)
