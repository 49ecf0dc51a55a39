"""The rig: a homography that scales with the cameras' resolutions and refuses what it was not measured for."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from irvis.errors import RigError
from irvis.geometry import warp_points
from irvis.rig import Rig, aspects_disagree, load_rig

MATRIX = [[2.0, 0.0, 10.5], [0.0, 2.0, -3.5], [0.0, 0.0, 1.0]]
SHIFTED = {
    "visible": {"width": 640, "height": 480},
    "infrared": {"width": 320, "height": 240},
    "vis_from_ir": MATRIX,
}


def test_homography_at_the_measured_sizes_is_the_measured_one() -> None:
    rig = Rig.model_validate(SHIFTED)
    np.testing.assert_allclose(rig.homography((640, 480), (320, 240)), MATRIX)


def test_homography_maps_the_same_place_at_twice_the_size() -> None:
    rig = Rig.model_validate(SHIFTED)
    place = warp_points(rig.homography((640, 480), (320, 240)), np.array([[100.0, 50.0]]))
    doubled = warp_points(rig.homography((1280, 960), (640, 480)), np.array([[200.5, 100.5]]))
    np.testing.assert_allclose(doubled, place * 2 + 0.5)


def test_identity_rig_fits_the_infrared_to_the_visible() -> None:
    rig = Rig.identity((640, 480), (160, 120))
    corner = warp_points(rig.homography((640, 480), (160, 120)), np.array([[159.5, 119.5]]))
    np.testing.assert_allclose(corner, [[639.5, 479.5]])


def test_homography_refuses_another_aspect_ratio() -> None:
    with pytest.raises(RigError, match="visible frames are 1280x720, the rig was measured at 640x480"):
        Rig.model_validate(SHIFTED).homography((1280, 720), (320, 240))


def test_id_changes_with_the_matrix_alone() -> None:
    moved = {**SHIFTED, "vis_from_ir": [[2.0, 0.0, 11.0], [0.0, 2.0, -3.5], [0.0, 0.0, 1.0]]}
    assert Rig.model_validate(SHIFTED).id == Rig.model_validate(SHIFTED).id
    assert Rig.model_validate(SHIFTED).id != Rig.model_validate(moved).id


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ([[1, 0, 0], [0, 1, 0], [0, 0, 0]], "singular"),
        ([[1, 0], [0, 1]], "expected 3 x 3 finite numbers"),
        ([[1, 0, float("nan")], [0, 1, 0], [0, 0, 1]], "expected 3 x 3 finite numbers"),
    ],
)
def test_rig_file_with_an_impossible_matrix_is_refused(tmp_path: Path, matrix: object, reason: str) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(yaml.safe_dump({**SHIFTED, "vis_from_ir": matrix}))
    with pytest.raises(RigError, match=reason):
        load_rig(path)


def test_missing_rig_file_is_a_rig_error(tmp_path: Path) -> None:
    with pytest.raises(RigError, match=r"rig\.yaml: can't be read"):
        load_rig(tmp_path / "rig.yaml")


@pytest.mark.parametrize(
    ("other", "disagree"), [((320, 240), False), ((640, 470), True), ((640, 512), True), ((641, 480), False)]
)
def test_aspect_ratios_agree_within_two_percent(other: tuple[int, int], disagree: bool) -> None:
    assert aspects_disagree((640, 480), other) is disagree
