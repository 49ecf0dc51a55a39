"""TensorRT on a GPU: what compiles here also runs, and gives the pictures that ONNX Runtime gives."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from irvis.engine import Engine, open_engine
from irvis.engine.cuda import bindings
from irvis.errors import EngineUnavailable
from irvis.settings import EngineSettings

SIZE = (640, 480)
pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        bindings()
    except EngineUnavailable as exc:
        pytest.skip(str(exc))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
def test_what_ships_is_rebuilt_and_agrees_with_onnx_runtime(precision: str) -> None:
    asked = EngineSettings.model_validate({"kind": "tensorrt", "precision": precision, "rebuild": True})
    compiled = open_engine(asked, SIZE)
    reference = open_engine(EngineSettings(kind="onnx"), SIZE)
    noise = np.random.default_rng(0)
    visible, infrared = (
        noise.integers(0, 256, (480, 640, 3), np.uint8),
        noise.integers(0, 256, (480, 640), np.uint8),
    )
    assert compiled.manifest.target is not None
    assert compiled.manifest.target.engine_layers
    for _ in range(3):
        fused, labels = compiled.fuse(visible, infrared)
    wanted, wanted_labels = reference.fuse(visible, infrared)
    assert np.mean((fused.astype(float) - wanted) ** 2) < 255**2 / 10**4.5
    assert np.mean(labels == wanted_labels) > 0.995


def test_results_that_are_held_stay_as_they_are() -> None:
    engine = open_engine(EngineSettings(kind="tensorrt", rebuild=True, streams=2), SIZE)
    visible, infrared = np.zeros((480, 640, 3), np.uint8), np.full((480, 640), 200, np.uint8)
    fused, _ = engine.fuse(visible, infrared)
    before = fused.copy()
    for _ in range(5):
        engine.fuse(255 - visible, 255 - infrared)
    np.testing.assert_array_equal(fused, before)


def test_tensorrt_takes_no_memory_from_the_system_per_frame(
    memory_taken: Callable[[Engine, tuple[int, int]], float],
) -> None:
    engine = open_engine(EngineSettings(kind="tensorrt", rebuild=True), SIZE)
    assert memory_taken(engine, SIZE) < SIZE[0] * SIZE[1] / 4


def test_auto_takes_tensorrt_into_account() -> None:
    assert "tensorrt" in open_engine(EngineSettings(rebuild=True), SIZE).choice
