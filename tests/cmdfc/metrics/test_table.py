import math

import numpy as np
import pytest

from cmdfc.metrics import COLUMNS, evaluate_pair, mean_over_pairs


def test_the_columns_are_those_of_the_published_tables_with_the_parts_of_each_sum() -> None:
    assert " ".join(COLUMNS) == (
        "EN SD SF AG MI MI_ir MI_vis SCD VIF VIF_ir VIF_vis Qabf SSIM SSIM_ir SSIM_vis CC"
    )


def test_sums_are_the_sums_of_their_parts_and_the_parts_belong_to_their_sources() -> None:
    infrared, visible = np.random.default_rng(0).integers(0, 256, (2, 48, 64)).astype(np.uint8)
    figures = evaluate_pair(infrared, infrared, visible)
    for name in ("MI", "VIF", "SSIM"):
        assert figures[name] == pytest.approx(figures[f"{name}_ir"] + figures[f"{name}_vis"])
        assert figures[f"{name}_ir"] > figures[f"{name}_vis"]
    assert figures["VIF_ir"] == pytest.approx(1)
    assert math.isnan(figures["SCD"])


def test_flat_pictures_give_figures_and_no_warning() -> None:
    flat = np.full((48, 64), 100, np.uint8)
    figures = evaluate_pair(flat, flat, flat)
    undefined = {name for name, figure in figures.items() if math.isnan(figure)}
    assert undefined == {"SCD", "CC"}
    black = evaluate_pair(0 * flat, 0 * flat, 0 * flat)
    assert {name for name, figure in black.items() if math.isnan(figure)} == {"SCD", "CC", "Qabf"}


def test_the_mean_keeps_order_and_shows_what_is_undefined() -> None:
    mean = mean_over_pairs([{"SD": 1.0, "EN": math.nan}, {"SD": 4.0, "EN": 3.0}])
    assert list(mean) == ["SD", "EN"]
    assert mean["SD"] == 2.5
    assert math.isnan(mean["EN"])


def test_the_mean_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least one pair"):
        mean_over_pairs([])


def test_the_mean_of_unlike_rows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected the figures \['EN'\] in every row, got \['SD'\]"):
        mean_over_pairs([{"EN": 1.0}, {"SD": 1.0}])
