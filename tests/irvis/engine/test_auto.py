"""`auto` opens what can run, times it, and says why it took what it took."""

from collections.abc import Callable
from pathlib import Path

import pytest

from irvis.engine import open_engine, read_artifact
from irvis.engine.manifest import write_artifact
from irvis.engine.openvino import native_precisions
from irvis.engine.presence import present
from irvis.engine.shapes import Shapes
from irvis.engine.tensorrt_build import build
from irvis.engine.tensorrt_plan import BuildPlan
from irvis.errors import ConfigError, DataError, EngineError
from irvis.settings import EngineSettings


def test_auto_takes_a_real_engine_and_gives_the_times(artifact: Path) -> None:
    engine = open_engine(EngineSettings(artifact=str(artifact)), (32, 24))
    assert engine.kind in ("onnx", "openvino")
    assert " ms a frame at 32x24, the fastest here (" in engine.choice


def test_openvino_takes_the_faster_of_this_processors_precisions(artifact: Path) -> None:
    engine = open_engine(EngineSettings(artifact=str(artifact), kind="openvino"), (32, 24))
    assert engine.precision in native_precisions()
    assert all(f"openvino in {each}" in engine.choice for each in native_precisions())


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


def test_auto_without_a_gpu_says_why_tensorrt_is_not_it(artifact: Path) -> None:
    reason = next((each.lacks for each in present() if each.runtime.startswith("tensorrt-rtx-")), "")
    if not reason:
        pytest.skip("TensorRT for RTX is not installed, or runs here")
    assert f"tensorrt: {reason}" in open_engine(EngineSettings(artifact=str(artifact)), (32, 24)).choice


def test_auto_tries_tensorrt_alone_for_what_it_compiled(artifact: Path) -> None:
    pytest.importorskip("tensorrt_rtx", reason="needs the tensorrt-rtx extra")
    plan = BuildPlan("tensorrt_rtx", "fp32", ("sm89",), Shapes.only((32, 24)))
    made = build(read_artifact(artifact), plan)._replace(path=artifact.with_suffix(".engine"))
    write_artifact(made)
    with pytest.raises(
        EngineError, match=r"no engine can run it here; tensorrt: .* these are 1 of 64x48; run"
    ) as info:
        open_engine(EngineSettings(artifact=str(made.path)), (64, 48))
    assert "onnx:" not in str(info.value)


def test_auto_runs_a_checkpoint_in_torch() -> None:
    with pytest.raises(DataError, match=r"nothing\.pt"):
        open_engine(EngineSettings(artifact="nothing.pt"), (32, 24))
