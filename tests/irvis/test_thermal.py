"""Counts to pictures: the mapping keeps still while the scene does, follows its changes, and spares noise."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from irvis.clock import NS_PER_S
from irvis.errors import ConfigError, SourceError
from irvis.frame import Counts
from irvis.telemetry import split
from irvis.thermal import Agc, DeadPixels, Thermal

FRAME_NS = NS_PER_S // 9
SHAPE = (120, 160)


def scene(shift: int = 0, seed: int = 0) -> Counts:
    """A warm body before a gradient, with the sensor's noise."""
    noise = np.random.default_rng(seed).normal(0, 5, SHAPE)
    ramp = np.linspace(29_000, 29_600, SHAPE[1])[None, :] + np.zeros(SHAPE)
    ramp[40:80, 60:90] = 30_200
    return np.clip(ramp + noise + shift, 0, 65_535).astype(np.uint16)


def test_warmer_is_never_darker_and_the_whole_range_is_used() -> None:
    counts = scene()
    pixels = Agc(Thermal()).map(counts, 0)
    order = np.argsort(counts.ravel(), kind="stable")
    assert (np.diff(pixels.ravel()[order].astype(int)) >= 0).all()
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_a_hot_object_that_comes_in_does_not_make_the_rest_pump() -> None:
    steady, by_itself = Agc(Thermal()), Agc(Thermal(settle_s=0, equalise=0, low_percent=0, high_percent=0))
    for index in range(30):
        before, before_each = (agc.map(scene(seed=index), index * FRAME_NS) for agc in (steady, by_itself))
    hot = scene(seed=31)
    hot[:8, :8] = 45_000
    after, after_each = (agc.map(hot, 30 * FRAME_NS) for agc in (steady, by_itself))
    rest = np.s_[90:, :]
    assert abs(after[rest].mean() - before[rest].mean()) < 6
    assert abs(after_each[rest].mean() - before_each[rest].mean()) > 40, "what per-picture mapping would do"


def test_the_mapping_follows_a_scene_that_stays_changed() -> None:
    agc = Agc(Thermal(settle_s=0.5))
    first = agc.map(scene(), 0)
    for index in range(1, 60):
        last = agc.map(scene(shift=3_000, seed=index), index * FRAME_NS)
    assert abs(last.astype(int) - first.astype(int)).mean() < 4


def test_a_uniform_scene_does_not_become_a_picture_of_noise() -> None:
    counts = np.random.default_rng(1).normal(29_000, 3, SHAPE).astype(np.uint16)
    assert Agc(Thermal(equalise=0)).map(counts, 0).std() < 10


def test_a_full_range_of_counts_is_mapped() -> None:
    counts = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    pixels = Agc(Thermal()).map(counts, 0)
    assert (pixels[0, 0], pixels[-1, -1]) == (0, 255)


def test_dead_pixels_are_replaced_and_the_others_left_alone(tmp_path: Path) -> None:
    counts, mask = scene(), np.zeros(SHAPE, np.uint8)
    counts[5, 7] = 65_535
    mask[5, 7] = 255
    cv2.imwrite(str(tmp_path / "dead.png"), mask)
    replaced = DeadPixels(tmp_path / "dead.png").replace(counts)
    assert abs(int(replaced[5, 7]) - 29_000) < 200
    assert np.array_equal(np.delete(replaced.ravel(), 5 * 160 + 7), np.delete(counts.ravel(), 5 * 160 + 7))


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "dead.png"), np.zeros((4, 4), np.uint8))
    with pytest.raises(ConfigError, match=r"dead.png has 4x4 pixels, the sensor 160x120"):
        DeadPixels(tmp_path / "dead.png").replace(scene())


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("footer", [True, False])
@pytest.mark.parametrize(("state", "shutter"), [(0, False), (1, False), (2, True), (3, False)])
def test_a_lepton_tells_its_shutter_and_frame_number(width: int, footer: bool, state: int, shutter: bool) -> None:
    words = np.zeros(-(-240 // width) * width, np.uint16)
    words[3], words[20], words[21] = state << 4 | 8, 0x1234, 0x0001
    rows = words.reshape(-1, width)
    picture = np.full((60, width), 29_000, np.uint16)
    counts, said = split(np.vstack([picture, rows] if footer else [rows, picture]), "lepton", footer)
    assert np.array_equal(counts, picture)
    assert said is not None
    assert (said.frame_number, said.shutter) == (0x11234, shutter)


def test_a_boson_tells_its_frame_number() -> None:
    row = np.zeros(640 * 2, np.uint8)
    row[84:88] = [0, 0, 1, 2]
    raw = np.vstack([row.view(np.uint16)[None], np.full((512, 640), 30_000, np.uint16)])
    counts, said = split(raw, "boson", footer=False)
    assert (counts.shape, said.frame_number if said else None) == ((512, 640), 258)


def test_a_picture_without_its_rows_is_refused() -> None:
    with pytest.raises(SourceError, match="too small for lepton telemetry"):
        split(np.zeros((2, 80), np.uint16), "lepton", footer=True)
