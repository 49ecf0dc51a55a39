"""`auto` opens what can run, times it, and says why it took what it took."""

from collections.abc import Callable
from pathlib import Path

import pytest

from irvis.engine import open_engine
from irvis.errors import ConfigError, EngineError
from irvis.settings import EngineSettings


def test_auto_takes_a_real_engine_and_gives_the_times(artifact: Path) -> None:
    engine = open_engine(EngineSettings(artifact=str(artifact)), (32, 24))
    assert engine.kind in ("onnx", "openvino")
    assert " ms a frame at 32x24, the fastest here (" in engine.choice


def test_auto_takes_the_only_engine_that_can_run(artifact: Path) -> None:
    asked = EngineSettings(artifact=str(artifact), kind="openvino", precision="bf16")
    try:
        open_engine(asked, (32, 24))
    except EngineError:
        with pytest.raises(EngineError, match=r"no engine can run it here; tensorrt: .*; openvino: .*; onnx: "):
            open_engine(asked.model_copy(update={"kind": "auto"}), (32, 24))
    else:
        engine = open_engine(asked.model_copy(update={"kind": "auto"}), (32, 24))
        assert "openvino in bf16 is the only engine that can run here (tensorrt: " in engine.choice


def test_auto_says_every_reason_when_nothing_can_run(write_artifact: Callable[..., Path]) -> None:
    path = write_artifact(b"garbage" * 100)
    with pytest.raises(EngineError, match=r"no engine can run it here; tensorrt: .*; openvino: .*; onnx: "):
        open_engine(EngineSettings(artifact=str(path)), (32, 24))


def test_auto_refuses_an_unknown_artifact_once() -> None:
    with pytest.raises(ConfigError, match="artifact nothing: no such file"):
        open_engine(EngineSettings(artifact="nothing"), (32, 24))


def test_an_engine_that_was_asked_for_says_so() -> None:
    engine = open_engine(EngineSettings(kind="average"), (32, 24))
    assert engine.choice == "average was asked for"
