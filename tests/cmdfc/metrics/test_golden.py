"""The published definitions, on pictures that anyone can rebuild from three formulas.

The values are those of the family that CDDFuse and its followers report, computed apart from this
code with scikit-image, scipy and scikit-learn.
"""

import hashlib
import math
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from cmdfc.metrics import COLUMNS, evaluate_pair
from cmdfc.metrics.ssim import ssim

Picture = NDArray[np.uint8]


def quantised(levels: NDArray[np.float64]) -> Picture:
    return np.clip(np.floor(levels + 0.5), 0, 255).astype(np.uint8)


def golden() -> dict[str, Picture]:
    i, j = np.arange(192)[:, None], np.arange(256)[None, :]
    a = quantised(110 + 70 * np.sin(i / 9) + 45 * np.cos(j / 7))
    checkers = (i // 16 + j // 16) % 2
    b = quantised(120 + 50 * np.cos((i + j) / 11) + 40 * checkers - 20 * ((3 * i + 5 * j) % 7) / 6)
    mean = (a + b.astype(np.float64)) / 2
    return {
        "A": a,
        "B": b,
        "F": quantised(0.6 * np.maximum(a, b) + 0.4 * mean),
        "mean": quantised(mean),
        "max": np.maximum(a, b),
    }


PICTURES = golden()


@pytest.mark.parametrize(
    ("name", "digest"), [("A", "683c3c1944534cc6"), ("B", "459ed2398b0b154b"), ("F", "9bd180ba439a93be")]
)
def test_the_golden_pictures_are_the_golden_pictures(name: str, digest: str) -> None:
    assert hashlib.sha256(PICTURES[name].tobytes()).hexdigest().startswith(digest)


FIGURES = {
    "EN": 7.152731,
    "SD": 35.728909,
    "SF": 13.610062,
    "AG": 5.202007,
    "MI": 1.867306,
    "SCD": 1.279170,
    "VIF": 0.457310,
    "VIF_ir": 0.178504,
    "VIF_vis": 0.278805,
    "Qabf": 0.468101,
    "SSIM": 1.101130,
    "CC": 0.660566,
}


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_every_metric_gives_its_golden_value(dtype: str) -> None:
    figures = evaluate_pair(*(PICTURES[name].astype(dtype) for name in "FAB"))
    assert tuple(figures) == COLUMNS
    assert {name: figures[name] for name in FIGURES} == pytest.approx(FIGURES, abs=1e-6)


@pytest.mark.parametrize(("window", "expected"), [("uniform", 1.222834), ("gaussian", 1.264676)])
def test_ssim_with_constants_for_255_levels(window: Literal["uniform", "gaussian"], expected: float) -> None:
    parts = [ssim(PICTURES["F"], PICTURES[name], data_range=255, window=window) for name in "AB"]
    assert sum(parts) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("fused", "expected"),
    [
        ("B", {"MI": 5.436, "VIF": 1.029, "Qabf": 0.606, "SSIM": 1.000}),
        ("A", {"MI": 5.808, "VIF": 1.029, "Qabf": 0.534, "SSIM": 1.000}),
        ("mean", {"MI": 1.441, "VIF": 0.348, "Qabf": 0.341, "SSIM": 1.103}),
        ("max", {"MI": 4.860, "VIF": 0.621, "Qabf": 0.550, "SSIM": 1.023}),
    ],
)
def test_trivial_outputs_give_their_golden_values(fused: str, expected: dict[str, float]) -> None:
    figures = evaluate_pair(PICTURES[fused], PICTURES["A"], PICTURES["B"])
    # 0.55e-3: the expected values were rounded to four decimals, then to three.
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=5.5e-4)
    assert math.isnan(figures["SCD"]) == (fused in "AB")
