"""Infrared pictures are found on visible ones by the directions of their edges, and doubt is told."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from irvis.frame import Pixels
from irvis.registration import estimate_residual, register
from irvis.registration.model import FREEDOM, Model, corner_distance_px, velocities
from irvis.registration.structure import structure
from irvis.scene import Scene, SceneConfig


def pair(light: str, **pose: object) -> tuple[Pixels, Pixels, np.ndarray]:
    scene = Scene(SceneConfig.model_validate({"light": light, **pose}))
    visible = np.asarray(cv2.cvtColor(scene.visible(30.0), cv2.COLOR_BGR2GRAY), np.uint8)
    return visible, scene.infrared(30.0), scene.vis_from_ir


POSES = [
    {"ir_shift_px": (14.0, -9.0), "ir_scale": 1.03, "ir_rotation_deg": 1.5},
    {"ir_width": 160, "ir_height": 120, "ir_shift_px": (-8.0, 5.0), "ir_scale": 0.97},
    {"ir_width": 640, "ir_height": 512, "ir_rotation_deg": -2.5},
]


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize("pose", POSES)
def test_a_turned_scaled_and_shifted_camera_is_found(light: str, pose: dict[str, object]) -> None:
    visible, infrared, truth = pair(light, **pose)
    model: Model = "affine" if pose.get("ir_height") == 512 else "similarity"
    found = register(visible, infrared, model)
    assert found.is_sure
    assert corner_distance_px(found.vis_from_ir, truth, infrared.shape[::-1]) < 1.5


def test_polarity_does_not_matter() -> None:
    visible, infrared, _ = pair("day", ir_shift_px=(7.0, 3.0))
    one, other = register(visible, infrared), register(visible, 255 - infrared)
    np.testing.assert_allclose(one.vis_from_ir, other.vis_from_ir, atol=0.05)


def test_pictures_of_different_things_are_not_sure() -> None:
    rng = np.random.default_rng(1)
    noise = [cv2.GaussianBlur(rng.integers(0, 256, (240, 320), np.uint8), (0, 0), 2) for _ in range(2)]
    assert not register(np.asarray(noise[0], np.uint8), np.asarray(noise[1], np.uint8)).is_sure


def test_blank_pictures_are_not_sure_and_no_error() -> None:
    blank = np.full((120, 160), 90, np.uint8)
    assert not register(blank, blank).is_sure
    assert estimate_residual(blank, blank).confidence < 0.3


@given(arrays(np.uint8, (24, 32)))
def test_structure_is_blind_to_polarity(picture: Pixels) -> None:
    np.testing.assert_allclose(structure(picture), structure(255 - picture), atol=1e-4)


@given(st.sampled_from(list(FREEDOM)), arrays(np.float64, (4, 2), elements=st.floats(-1, 1)))
def test_every_model_contains_the_smaller_ones(model: Model, points: np.ndarray) -> None:
    moved = velocities(model, points)
    assert len(moved) == FREEDOM[model]
    np.testing.assert_allclose(moved[:2], velocities("shift", points))
