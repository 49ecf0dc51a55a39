"""Infrared pictures land where the rig says, without work where there is none to do."""

import logging
from pathlib import Path

import numpy as np
import pytest

from irvis.errors import RigError
from irvis.frame import Pixels
from irvis.geometry import parallax_px, warp_points
from irvis.rig import CameraModel, Rig, load_rig
from pipeline.fusion.align import Aligner


def dot(size: tuple[int, int], x: int, y: int) -> Pixels:
    picture = np.zeros(size[::-1], np.uint8)
    picture[y, x] = 255
    return picture


def brightest(picture: Pixels) -> tuple[int, int]:
    y, x = np.unravel_index(picture.argmax(), picture.shape)
    return int(x), int(y)


def shifted(size: tuple[int, int], x_px: float, y_px: float) -> Rig:
    camera = CameraModel(width=size[0], height=size[1])
    return Rig(visible=camera, infrared=camera, vis_from_ir=[[1, 0, x_px], [0, 1, y_px], [0, 0, 1]])


def test_equal_sizes_need_no_copy() -> None:
    picture = dot((64, 48), 3, 4)
    aligner = Aligner(None)
    assert aligner.align(picture, (64, 48)) is picture
    assert aligner.rig_id == Rig.identity((64, 48), (64, 48)).id


def test_another_size_is_scaled_onto_the_visible() -> None:
    ramp = np.tile(np.arange(0, 160, 2, dtype=np.uint8), (60, 1))
    aligned = Aligner(None).align(ramp, (160, 120))
    assert aligned.shape == (120, 160)
    expected = np.clip((np.arange(160) + 0.5) / 2 - 0.5, 0, 79) * 2
    np.testing.assert_allclose(aligned[60], expected, atol=1)


def test_a_rig_moves_the_picture_and_leaves_black_beside_it() -> None:
    aligner = Aligner(shifted((64, 48), 5, -3))
    assert brightest(aligner.align(dot((64, 48), 20, 20), (64, 48))) == (25, 17)
    assert not aligner.align(np.full((48, 64), 255, np.uint8), (64, 48))[:, :5].any()


def test_a_rig_serves_other_sizes_of_the_same_cameras() -> None:
    aligner = Aligner(shifted((64, 48), 4, 2))
    assert brightest(aligner.align(dot((64, 48), 20, 20), (64, 48))) == (24, 22)
    x, y = brightest(aligner.align(dot((64, 48), 20, 20), (128, 96)))
    assert abs(x - 48.5) <= 1
    assert abs(y - 44.5) <= 1


def test_a_picture_of_another_shape_than_the_rig_is_an_error() -> None:
    with pytest.raises(RigError, match="infrared frames are 64x64"):
        Aligner(shifted((64, 48), 4, 2)).align(np.zeros((64, 64), np.uint8), (64, 48))


def test_disagreeing_aspect_ratios_are_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    aligner = Aligner(None)
    with caplog.at_level(logging.WARNING):
        for size in ((64, 64), (32, 32), (64, 48), (64, 64)):
            assert aligner.align(np.zeros(size[::-1], np.uint8), (64, 48)).shape == (48, 64)
    assert [record.getMessage()[:40] for record in caplog.records] == ["infrared 64x64 is stretched onto visible"]


def with_lenses() -> Rig:
    return load_rig(Path(__file__).parents[3] / "configs" / "rig" / "side_by_side.yaml")


def test_the_rig_that_ships_says_one_thing_by_homography_and_by_lenses() -> None:
    rig = with_lenses()
    points = np.array([[100.0, 100.0], [639.5, 359.5], [1200.0, 700.0]])
    seen = rig.ir_points(points, (1280, 720), (640, 512))
    np.testing.assert_allclose(warp_points(rig.homography((1280, 720), (640, 512)), seen), points, atol=0.02)


@pytest.mark.parametrize("true_m", [3.0, 8.0, 40.0])
def test_the_plane_is_found_from_the_shift_that_is_left(true_m: float) -> None:
    aligner = Aligner(with_lenses())
    aligner.align(np.zeros((256, 320), np.uint8), (640, 360))
    # What stands at true_m shows up this far from where the visible has it, and has to go back.
    shift_px = parallax_px(500, 0.06, true_m, 12.0) * (1 if true_m < 12 else -1)
    assert aligner.plane_of((shift_px, 0.0)) == pytest.approx(true_m, rel=0.01)


def test_another_plane_moves_the_picture_by_the_parallax() -> None:
    far, near = Aligner(with_lenses()), Aligner(with_lenses(), plane_m=3.0)
    picture = dot((320, 256), 160, 128)
    apart = brightest(near.align(picture, (640, 360)))[0] - brightest(far.align(picture, (640, 360)))[0]
    assert abs(apart - parallax_px(500, 0.06, 3.0, 12.0)) <= 1


def test_a_plane_that_the_rig_can_not_know_is_an_error() -> None:
    with pytest.raises(RigError, match="the rig has no lenses and pose to know planes by"):
        Aligner(shifted((64, 48), 4, 2), plane_m=3.0)


def test_a_correction_moves_the_picture_from_then_on() -> None:
    aligner = Aligner(None)
    picture = dot((64, 48), 20, 20)
    aligner.align(picture, (64, 48))
    aligner.correct(np.array([[1.0, 0, 3], [0, 1, -2], [0, 0, 1]]))
    assert brightest(aligner.align(picture, (64, 48))) == (23, 18)
