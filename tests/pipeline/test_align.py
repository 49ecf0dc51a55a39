"""Infrared pictures land where the rig says, without work where there is none to do."""

import logging

import numpy as np
import pytest

from irvis.errors import RigError
from irvis.frame import Pixels
from irvis.rig import CameraModel, Rig
from pipeline.align import Aligner


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
