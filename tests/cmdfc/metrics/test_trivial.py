import numpy as np
import pytest
from numpy.typing import NDArray

from cmdfc.metrics import TRIVIAL, gray_from_bgr
from cmdfc.metrics.trivial import copy_infrared, copy_visible, mean, pixel_max, recombine


def random_pair() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    infrared = rng.integers(0, 256, (30, 40)).astype(np.uint8)
    return infrared, rng.integers(0, 256, (30, 40, 3)).astype(np.uint8)


@pytest.mark.parametrize("name", TRIVIAL)
def test_every_output_is_bgr_bytes_of_the_same_size(name: str) -> None:
    fused = TRIVIAL[name](*random_pair())
    assert fused.shape == (30, 40, 3)
    assert fused.dtype == np.uint8


def test_the_visible_copy_is_the_visible_and_shares_no_memory() -> None:
    infrared, visible = random_pair()
    fused = copy_visible(infrared, visible)
    np.testing.assert_array_equal(fused, visible)
    assert not np.shares_memory(fused, visible)


def test_on_gray_pictures_the_outputs_are_plain_arithmetic() -> None:
    infrared, visible = random_pair()
    level = visible[..., 0]
    gray = np.repeat(level[..., None], 3, axis=2)
    np.testing.assert_array_equal(gray_from_bgr(copy_infrared(infrared, gray)), infrared)
    np.testing.assert_array_equal(gray_from_bgr(pixel_max(infrared, gray)), np.maximum(infrared, level))
    halves = (infrared.astype(float) + level) / 2
    assert np.abs(gray_from_bgr(mean(infrared, gray)) - halves).max() <= 0.5001


def test_recombining_the_visible_luma_gives_the_visible_within_a_level() -> None:
    _, visible = random_pair()
    luma = visible @ np.array([0.114, 0.587, 0.299]) / 255
    assert np.abs(recombine(luma, visible).astype(int) - visible).max() <= 1


def test_colours_beyond_the_bytes_are_clamped() -> None:
    red = np.array([[[0, 0, 255]]], np.uint8)  # luma 0.299; raised to 1, the others gain 0.701
    np.testing.assert_array_equal(recombine(np.ones((1, 1)), red), [[[179, 179, 255]]])


@pytest.mark.parametrize("name", TRIVIAL)
def test_sizes_that_differ_are_refused(name: str) -> None:
    infrared, visible = random_pair()
    with pytest.raises(ValueError, match=r"got \(30, 39\) and \(30, 40, 3\)"):
        TRIVIAL[name](infrared[:, 1:], visible)


@pytest.mark.parametrize("name", TRIVIAL)
def test_other_number_types_are_refused(name: str) -> None:
    infrared, visible = random_pair()
    with pytest.raises(ValueError, match="expected uint8 pictures, got uint16 and uint8"):
        TRIVIAL[name](infrared.astype(np.uint16), visible)
