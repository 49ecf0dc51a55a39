import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irvis.captions import Line, caption, paste
from irvis.overlay import (
    CLASSES,
    class_colour,
    class_name,
    colour_labels,
    draw_labels,
    draw_legend,
    labels_present,
)
from irvis.scene import CLASS_IDS

GRAY = np.full((60, 80, 3), 100, np.uint8)


def test_the_classes_are_those_of_the_scene() -> None:
    for name, label in CLASS_IDS.items():
        assert class_name(label).replace(" ", "_").replace("colour", "color") == name


def test_every_known_class_has_a_colour_of_its_own() -> None:
    assert len({class_colour(label) for label in range(len(CLASSES))}) == len(CLASSES)


def test_labels_beyond_the_known_classes_are_drawn_too() -> None:
    assert class_name(42) == "class 42"
    assert class_colour(42) != class_colour(43)


def test_label_maps_become_their_colours() -> None:
    labels = np.array([[0, 2], [1, 8]], np.uint8)
    expected = [[class_colour(0), class_colour(2)], [class_colour(1), class_colour(8)]]
    np.testing.assert_array_equal(colour_labels(labels), np.array(expected, np.uint8))


def test_what_is_labelled_is_tinted_and_outlined() -> None:
    picture, labels = GRAY.copy(), np.zeros((60, 80), np.uint8)
    labels[20:40, 30:50] = 2
    draw_labels(picture, labels, opacity=0.5)
    colour = np.array(class_colour(2))
    np.testing.assert_array_equal(picture[20, 30], colour)
    np.testing.assert_allclose(picture[30, 40], (100 + colour) / 2, atol=1)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0, 1))
def test_what_is_not_labelled_stays_as_it_is(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    labels = (rng.integers(1, 9, (37, 53)) * (rng.random((37, 53)) < share)).astype(np.uint8)
    picture = rng.integers(0, 256, (37, 53, 3), np.uint8)
    drawn = picture.copy()
    draw_labels(drawn, labels)
    np.testing.assert_array_equal(drawn[labels == 0], picture[labels == 0])


def test_labels_are_drawn_into_a_part_of_a_larger_picture() -> None:
    canvas, labels = np.zeros((60, 160, 3), np.uint8), np.ones((60, 80), np.uint8)
    draw_labels(canvas[:, 80:], labels)
    assert not canvas[:, :80].any()
    assert canvas[:, 80:].all(axis=1).any()


def test_the_legend_lists_classes_but_no_specks() -> None:
    labels = np.zeros((100, 100), np.uint8)
    labels[:10], labels[50, 50] = 3, 5
    assert labels_present(labels) == [3]


def test_the_legend_is_in_the_bottom_left_corner() -> None:
    picture = np.full((240, 320, 3), 100, np.uint8)
    draw_legend(picture, np.full((240, 320), 2, np.uint8))
    changed = np.argwhere((picture != 100).any(axis=2))
    assert changed[:, 0].max() == 239
    assert changed[:, 1].min() == 0
    assert changed[:, 0].min() > 200
    assert (picture == class_colour(2)).all(axis=2).sum() < (picture != 100).any(axis=2).sum()


def test_without_labels_there_is_no_legend() -> None:
    picture = GRAY.copy()
    draw_legend(picture, np.zeros((60, 80), np.uint8))
    np.testing.assert_array_equal(picture, GRAY)


@pytest.mark.parametrize(("right", "bottom", "corner"), [(False, False, (0, 0)), (True, True, (59, 79))])
def test_a_caption_is_laid_into_its_corner(right: bool, bottom: bool, corner: tuple[int, int]) -> None:
    picture = GRAY.copy()
    paste(picture, caption((Line("a"),), 8), right, bottom)
    assert (picture[corner] < 100).all()
    np.testing.assert_array_equal(picture[30, 40], GRAY[30, 40])


def test_a_caption_larger_than_the_picture_is_cut_off() -> None:
    picture = np.full((10, 10, 3), 100, np.uint8)
    paste(picture, caption((Line("much too long for this"),), 20))
    assert (picture != 100).any()
