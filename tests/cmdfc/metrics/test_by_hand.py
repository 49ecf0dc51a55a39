"""Each metric on pictures small or plain enough to work out on paper."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cmdfc.metrics.average_gradient import average_gradient
from cmdfc.metrics.correlation import correlation_coefficient, sum_of_correlations_of_differences
from cmdfc.metrics.deviation import standard_deviation
from cmdfc.metrics.entropy import entropy
from cmdfc.metrics.mutual_information import mutual_information
from cmdfc.metrics.qabf import edge_preservation
from cmdfc.metrics.spatial_frequency import spatial_frequency
from cmdfc.metrics.ssim import ssim
from cmdfc.metrics.vif import visual_information_fidelity


def noise(seed: int, shape: tuple[int, int] = (48, 64)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def test_entropy_is_eight_bits_when_every_level_is_alike() -> None:
    assert entropy(np.arange(256, dtype=np.uint8).reshape(16, 16)) == 8


def test_entropy_of_a_flat_picture_is_nothing() -> None:
    assert entropy(np.full((3, 4), 77, np.uint8)) == 0


def test_entropy_rounds_fractions_to_levels() -> None:
    assert entropy(np.array([[9.6, 10.4], [10.0, 9.8]])) == 0


def test_deviation_divides_by_the_number_of_pixels() -> None:
    assert standard_deviation(np.array([[1.0, 3.0], [5.0, 7.0]])) == pytest.approx(math.sqrt(5))


def test_spatial_frequency_averages_rows_and_columns_over_their_own_counts() -> None:
    picture = np.array([[0, 1, 0], [0, 1, 0]], np.uint8)  # four steps of 1 along rows, none down
    assert spatial_frequency(picture) == 1


def test_average_gradient_is_central_inside_and_one_sided_at_borders() -> None:
    picture = np.array([[0.0, 2.0, 8.0]] * 2)  # gradients 2, 4, 6 along each row
    assert average_gradient(picture) == pytest.approx(4 / math.sqrt(2))


def test_mutual_information_with_oneself_is_the_entropy_in_nats() -> None:
    picture = noise(0)
    assert mutual_information(picture, picture) == pytest.approx(entropy(picture) * math.log(2))


def test_mutual_information_of_independent_levels_is_nothing() -> None:
    rows, columns = np.mgrid[0:8, 0:8].astype(np.uint8)
    assert mutual_information(rows, columns) == pytest.approx(0, abs=1e-12)


def test_mutual_information_sees_through_any_relabelling_of_levels() -> None:
    picture = noise(1)
    assert mutual_information(255 - picture, picture) == pytest.approx(mutual_information(picture, picture))


def test_correlation_is_the_mean_of_both_sources() -> None:
    a = np.array([[0, 10], [20, 40]], np.uint8)
    assert correlation_coefficient(a, a, a) == pytest.approx(1)
    assert correlation_coefficient(a, 255 - a, 255 - a) == pytest.approx(-1)
    assert correlation_coefficient(a, a, 255 - a) == pytest.approx(0)


def test_scd_is_two_when_the_fused_picture_is_the_sum() -> None:
    a, b = noise(2) // 2, noise(3) // 2
    assert sum_of_correlations_of_differences(a + b, a, b) == pytest.approx(2)


@pytest.mark.parametrize("fused", ["infrared", "visible", "visible and 0.1 more"])
def test_scd_is_undefined_where_a_difference_is_flat(fused: str) -> None:
    infrared, visible = noise(2).astype(np.float64), 0.9 * noise(3)
    pictures = {"infrared": infrared, "visible": visible, "visible and 0.1 more": visible + 0.1}
    assert math.isnan(sum_of_correlations_of_differences(pictures[fused], infrared, visible))


def test_correlation_with_a_flat_picture_is_undefined() -> None:
    flat = np.full((48, 64), 9, np.uint8)
    assert math.isnan(correlation_coefficient(flat, noise(0), noise(1)))


def test_vif_is_one_for_the_source_itself() -> None:
    assert visual_information_fidelity(noise(0), noise(0)) == pytest.approx(1)


def test_vif_is_nothing_for_a_flat_picture_and_for_the_negative() -> None:
    source = noise(0)
    assert visual_information_fidelity(np.full_like(source, 90), source) == 0
    assert visual_information_fidelity(255 - source, source) == 0


def test_vif_rises_with_contrast_and_falls_with_noise() -> None:
    source = 100 + noise(0) / 8
    assert visual_information_fidelity(1.4 * source, source) > 1
    assert visual_information_fidelity(source + noise(1) / 32, source) < 1


def test_vif_of_a_flat_source_is_one_since_it_has_nothing_to_lose() -> None:
    assert visual_information_fidelity(noise(0), np.full((48, 64), 200, np.uint8)) == 1


def test_vif_is_not_symmetric() -> None:
    source = noise(0)
    assert visual_information_fidelity(source // 2, source) < 1 < visual_information_fidelity(source, source // 2)


def test_qabf_of_three_equal_pictures_is_the_most_the_sigmoids_allow() -> None:
    most = 0.9994 * 0.9879 / (1 + math.exp(-22 * (1 - 0.8)))
    assert edge_preservation(noise(0), noise(0), noise(0)) == pytest.approx(most)


def test_qabf_of_a_black_output_is_nearly_nothing() -> None:
    assert edge_preservation(np.zeros((48, 64), np.uint8), noise(0), noise(1)) < 1e-3


def test_qabf_weighs_sources_by_their_edges() -> None:
    strong, weak = noise(0), noise(1) // 16 + 120
    assert edge_preservation(strong, strong, weak) > 4 * edge_preservation(weak, strong, weak)


def test_qabf_of_black_sources_is_undefined() -> None:
    black = np.zeros((8, 8), np.uint8)
    assert math.isnan(edge_preservation(noise(0, (8, 8)), black, black))


def test_ssim_is_one_for_the_source_and_negative_for_its_negative() -> None:
    assert ssim(noise(0), noise(0)) == pytest.approx(1)
    assert ssim(noise(0), 255 - noise(0)) < -0.5


def test_ssim_of_one_window_follows_the_formula_with_sample_covariance() -> None:
    a, b = noise(4, (7, 7)).astype(np.float64), noise(5, (7, 7)).astype(np.float64)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    covariance = np.cov(a.ravel(), b.ravel())
    expected = (2 * a.mean() * b.mean() + c1) * (2 * covariance[0, 1] + c2)
    expected /= (a.mean() ** 2 + b.mean() ** 2 + c1) * (covariance[0, 0] + covariance[1, 1] + c2)
    assert ssim(a, b, data_range=255) == pytest.approx(expected)


def test_ssim_of_one_gaussian_window_weighs_by_distance() -> None:
    a, b = noise(4, (11, 11)).astype(np.float64), noise(5, (11, 11)).astype(np.float64)
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * 1.5**2)).ravel()
    covariance = np.cov(a.ravel(), b.ravel(), aweights=weights, ddof=0)
    mean_a, mean_b = np.average(a.ravel(), weights=weights), np.average(b.ravel(), weights=weights)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    expected = (2 * mean_a * mean_b + c1) * (2 * covariance[0, 1] + c2)
    expected /= (mean_a**2 + mean_b**2 + c1) * (covariance[0, 0] + covariance[1, 1] + c2)
    assert ssim(a, b, data_range=255, window="gaussian") == pytest.approx(expected)


def test_the_symmetric_ones_are_symmetric() -> None:
    fused, a, b = noise(0), noise(1), noise(2)
    assert mutual_information(a, b) == pytest.approx(mutual_information(b, a))
    assert ssim(a, b) == pytest.approx(ssim(b, a))
    for metric in (edge_preservation, correlation_coefficient, sum_of_correlations_of_differences):
        assert metric(fused, a, b) == pytest.approx(metric(fused, b, a)), metric.__name__


@pytest.mark.parametrize("turn", [np.flipud, np.fliplr, np.transpose])
def test_mirroring_all_pictures_together_changes_nothing(
    turn: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
) -> None:
    fused, a, b = noise(0), noise(1), noise(2)
    for alone in (entropy, standard_deviation, spatial_frequency, average_gradient):
        assert alone(turn(fused)) == pytest.approx(alone(fused)), alone.__name__
    for pair in (mutual_information, ssim):
        assert pair(turn(fused), turn(a)) == pytest.approx(pair(fused, a)), pair.__name__
    for three in (correlation_coefficient, sum_of_correlations_of_differences):
        assert three(turn(fused), turn(a), turn(b)) == pytest.approx(three(fused, a, b)), three.__name__
