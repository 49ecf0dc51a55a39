import numpy as np

from cmdfc.data.furniture import draw_furniture
from cmdfc.losses.semantic import IGNORED
from cmdfc.segmentation import CLASSES
from irvis.frame import Pixels

DRAWN = {CLASSES.index(name) for name in ("guardrail", "car_stop", "color_cone")}


def drawn(seed: int) -> tuple[Pixels, Pixels]:
    picture, labels = np.full((128, 160, 3), 120, np.uint8), np.zeros((128, 160), np.uint8)
    labels[:, :20] = IGNORED
    draw_furniture(picture, labels, np.random.default_rng(seed))
    return picture, labels


def test_what_is_drawn_is_labelled_as_one_kind_and_ignored_pixels_stay_so() -> None:
    kinds: set[int] = set()
    for seed in range(60):
        _, labels = drawn(seed)
        assert (labels[:, :20] == IGNORED).all()
        found = set(np.unique(labels[:, 20:]).tolist()) - {0}
        assert len(found) <= 1
        kinds |= found
    assert kinds == DRAWN


def test_what_is_labelled_is_seen_at_its_place() -> None:
    for seed in range(30):
        picture, labels = drawn(seed)
        rows, columns = np.nonzero(labels % IGNORED)
        if rows.size:
            there = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            assert (there != 120).any()


def test_the_same_seed_draws_the_same() -> None:
    for one, other in zip(drawn(5), drawn(5), strict=True):
        assert np.array_equal(one, other)
