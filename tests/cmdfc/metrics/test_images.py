"""What the metrics refuse, with a message that says what was expected and what came."""

from collections.abc import Callable

import numpy as np
import pytest

from cmdfc.metrics import METRICS, Metric, gray_from_bgr

GOOD = np.tile(np.arange(64, dtype=np.uint8), (48, 1))

each_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)


@each_metric
def test_a_colour_picture_is_refused(metric: Metric) -> None:
    colour = np.zeros((48, 64, 3), np.uint8)
    with pytest.raises(ValueError, match=r"expected gray pictures .* got \(48, 64, 3\)"):
        metric.figures(colour, GOOD, GOOD)


@pytest.mark.parametrize("metric", [m for m in METRICS if m.takes != "fused"], ids=lambda metric: metric.name)
def test_another_shape_is_refused(metric: Metric) -> None:
    with pytest.raises(ValueError, match=r"one shape, got \(48, 64\) and \(64, 48\)"):
        metric.figures(GOOD, GOOD, GOOD.T)


@each_metric
@pytest.mark.parametrize("level", [-1.0, 256.0, np.nan])
def test_levels_outside_0_to_255_are_refused(metric: Metric, level: float) -> None:
    bad = GOOD.astype(np.float64)
    bad[3, 4] = level
    with pytest.raises(ValueError, match=r"expected gray levels in 0\.\.255, got"):
        metric.figures(bad, GOOD, GOOD)


@pytest.mark.parametrize(
    ("name", "smallest"), [("EN", 1), ("SD", 1), ("SF", 2), ("AG", 2), ("VIF", 41), ("SSIM", 7)]
)
def test_the_smallest_picture_that_a_metric_takes(name: str, smallest: int) -> None:
    (metric,) = (metric for metric in METRICS if metric.name == name)
    enough, short = GOOD[:smallest, :smallest], GOOD[: smallest - 1, :smallest]
    assert np.isfinite(metric.figures(enough, enough, enough)).all()
    with pytest.raises(ValueError, match=rf"expected at least {smallest}x{smallest} pixels, got shape"):
        metric.figures(short, short, short)


@each_metric
def test_the_pictures_are_left_as_they_were(metric: Metric) -> None:
    picture = GOOD.astype(np.float64)
    metric.figures(picture, picture, picture)
    np.testing.assert_array_equal(picture, GOOD)


def test_gray_is_rounded_once_at_the_end() -> None:
    bgr = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    exact = bgr.astype(np.float64) @ np.array([0.114, 0.587, 0.299])
    assert np.abs(gray_from_bgr(bgr) - exact).max() <= 0.5001


@pytest.mark.parametrize(
    "spoil",
    [lambda bgr: bgr[..., 0], lambda bgr: bgr[..., :2], lambda bgr: bgr.astype(np.float32)],
    ids=["gray", "two channels", "float"],
)
def test_gray_wants_bgr_bytes(spoil: Callable[[np.ndarray], np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"expected a \(H, W, 3\) uint8 BGR picture, got"):
        gray_from_bgr(spoil(np.zeros((4, 5, 3), np.uint8)))
