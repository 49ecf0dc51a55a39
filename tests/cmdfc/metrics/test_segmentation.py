import math

import numpy as np
import pytest

from cmdfc.metrics import ConfusionMatrix


def test_iou_by_hand() -> None:
    confusion = ConfusionMatrix(3)
    confusion.add(predicted=np.array([[0, 0, 1], [2, 2, 2]]), truth=np.array([[0, 1, 1], [2, 2, 0]]))
    np.testing.assert_array_equal(confusion.counts, [[1, 0, 1], [1, 1, 0], [0, 0, 2]])
    np.testing.assert_allclose(confusion.iou(), [1 / 3, 1 / 2, 2 / 3])
    assert confusion.miou() == pytest.approx(0.5)


def test_a_class_absent_from_both_is_left_out_and_one_missed_counts_nothing() -> None:
    confusion = ConfusionMatrix(4)
    confusion.add(predicted=np.array([0, 0, 3]), truth=np.array([0, 1, 0]))
    iou = confusion.iou()
    assert math.isnan(iou[2])
    np.testing.assert_allclose(iou[[0, 1, 3]], [1 / 3, 0, 0])
    assert confusion.miou() == pytest.approx(1 / 9)


def test_pixels_are_pooled_over_pictures_before_dividing() -> None:
    rng = np.random.default_rng(0)
    predicted, truth = rng.integers(0, 9, (2, 4, 30, 40)).astype(np.uint8)
    together, apart = ConfusionMatrix(9), ConfusionMatrix(9)
    together.add(predicted, truth)
    for p, t in zip(predicted, truth, strict=True):
        apart.add(p, t)
    np.testing.assert_array_equal(together.counts, apart.counts)
    assert together.counts.sum() == truth.size


def test_predicting_the_truth_is_one_and_swapping_the_two_transposes_the_counts() -> None:
    predicted, truth = np.random.default_rng(1).integers(0, 5, (2, 20, 20))
    perfect, forward, backward = ConfusionMatrix(5), ConfusionMatrix(5), ConfusionMatrix(5)
    perfect.add(truth, truth)
    forward.add(predicted, truth)
    backward.add(truth, predicted)
    assert perfect.miou() == 1
    np.testing.assert_array_equal(forward.counts, backward.counts.T)
    assert forward.miou() == pytest.approx(backward.miou())


def test_ignored_pixels_count_for_nothing_whatever_is_predicted_there() -> None:
    confusion = ConfusionMatrix(2)
    confusion.add(predicted=np.array([1, 200], np.uint8), truth=np.array([1, 255], np.uint8))
    assert confusion.counts.sum() == 1
    confusion.add(predicted=np.array([0]), truth=np.array([255]))
    assert confusion.counts.sum() == 1


def test_miou_before_any_pixel_is_undefined() -> None:
    assert math.isnan(ConfusionMatrix(9).miou())


@pytest.mark.parametrize(
    ("predicted", "truth", "message"),
    [
        (np.zeros((2, 3), int), np.zeros((3, 2), int), r"the truth's shape \(3, 2\), got \(2, 3\)"),
        (np.array([2]), np.array([0]), r"predicted labels in 0\.\.1, got 2\.\.2"),
        (np.array([0, 0]), np.array([-1, 0]), r"true labels in 0\.\.1, got -1\.\.0"),
        (np.array([0.0]), np.array([0]), "integer predicted labels, got float64"),
    ],
)
def test_bad_labels_are_refused_and_not_counted(predicted: np.ndarray, truth: np.ndarray, message: str) -> None:
    confusion = ConfusionMatrix(2)
    with pytest.raises(ValueError, match=message):
        confusion.add(predicted, truth)
    assert confusion.counts.sum() == 0


def test_without_an_ignored_label_255_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"true labels in 0\.\.1, got 255\.\.255"):
        ConfusionMatrix(2, ignore=None).add(np.array([0]), np.array([255]))


def test_impossible_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one class, got 0"):
        ConfusionMatrix(0)
    with pytest.raises(ValueError, match=r"outside the classes 0\.\.8, got 0"):
        ConfusionMatrix(9, ignore=0)
