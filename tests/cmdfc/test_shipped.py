"""The artifacts that ship still make the pictures that their cards are about: figures on synthetic pairs."""

import json
from pathlib import Path

import numpy as np
import pytest

from cmdfc.metrics import evaluate_pair, gray_from_bgr, mean_over_pairs
from irvis.engine import open_engine
from irvis.engine.artifact import models_folder, shipped
from irvis.scene import Scene, SceneConfig
from irvis.settings import EngineSettings

FIGURES = Path(__file__).with_name("shipped_figures.json")
TOLERANCE = 0.005
SIZE = (320, 240)


def figures_of(name: str) -> dict[str, float]:
    engine = open_engine(EngineSettings(artifact=name, kind="onnx"), SIZE)
    rows = []
    found = 0.0
    for light in ("night", "day"):
        scene = Scene(
            SceneConfig.model_validate(
                {"light": light, "width": SIZE[0], "height": SIZE[1], "ir_width": SIZE[0], "ir_height": SIZE[1]}
            )
        )
        for time_s in (5.0, 30.0):
            visible, infrared = scene.visible(time_s), scene.infrared(time_s)
            fused, labels = engine.fuse(visible, infrared)
            rows.append(evaluate_pair(gray_from_bgr(fused), infrared, gray_from_bgr(visible)))
            found += float(np.mean(labels > 0)) / 4
    return {**mean_over_pairs(rows), "labelled": found}


def test_every_shipped_artifact_has_figures_and_a_card() -> None:
    assert sorted(json.loads(FIGURES.read_text())) == shipped()
    assert all((models_folder() / f"{name}.md").is_file() for name in shipped())


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_artifact_reproduces_its_figures(name: str) -> None:
    expected = json.loads(FIGURES.read_text())[name]
    assert figures_of(name) == pytest.approx(expected, rel=TOLERANCE)
