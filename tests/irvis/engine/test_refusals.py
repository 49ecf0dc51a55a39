"""What is wrong with an artifact is said before the first frame, by both runtimes, and never by a crash."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from onnx import TensorProto

from irvis.engine import Engine, open_engine
from irvis.engine.openvino import native_precisions
from irvis.errors import ConfigError, EngineError
from irvis.settings import EngineSettings

Build = Callable[..., bytes]
Write = Callable[..., Path]
Kind = Literal["onnx", "openvino"]


@pytest.fixture(params=["onnx", "openvino"])
def kind(request: pytest.FixtureRequest) -> Kind:
    runtime: Kind = request.param
    return runtime


def load(path: Path, kind: Kind) -> Engine:
    return open_engine(EngineSettings(artifact=str(path), kind=kind), (32, 24))


@pytest.mark.parametrize(
    "data", [b"", b"garbage" * 100, b"\x08\x0a" + b"\xff" * 4096], ids=["empty", "text", "bytes"]
)
def test_garbage_under_a_valid_manifest_is_refused(write_artifact: Write, kind: Kind, data: bytes) -> None:
    with pytest.raises(EngineError, match=r"mean\.onnx"):
        load(write_artifact(data), kind)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_graph_is_refused(write_artifact: Write, mean_graph: Build, kind: Kind, share: float) -> None:
    data = mean_graph()
    with pytest.raises(EngineError, match=r"mean\.onnx"):
        load(write_artifact(data[: int(len(data) * share)]), kind)


def test_graph_with_a_foreign_input_is_refused(write_artifact: Write, mean_graph: Build, kind: Kind) -> None:
    with pytest.raises(EngineError, match=r"inputs image uint8 \[\?, \?, \?, 3\].* expected visible uint8"):
        load(write_artifact(mean_graph(visible="image")), kind)


def test_graph_with_labels_of_another_type_is_refused(
    write_artifact: Write, mean_graph: Build, kind: Kind
) -> None:
    with pytest.raises(EngineError, match=r"labels int64"):
        load(write_artifact(mean_graph(labels_type=TensorProto.INT64)), kind)


def test_changed_artifact_is_refused(artifact: Path, kind: Kind) -> None:
    artifact.write_bytes(artifact.read_bytes()[:-1])
    with pytest.raises(EngineError, match=r"the file is damaged or of another export"):
        load(artifact, kind)


def test_artifact_without_manifest_is_refused(artifact: Path, kind: Kind) -> None:
    artifact.with_suffix(".json").unlink()
    with pytest.raises(EngineError, match=r"`irvis export` writes both"):
        load(artifact, kind)


def test_manifest_with_an_unknown_key_is_refused(artifact: Path, kind: Kind) -> None:
    manifest = artifact.with_suffix(".json")
    manifest.write_text(manifest.read_text().replace('"name"', '"nom"'))
    with pytest.raises(EngineError, match=r"mean\.json: name: Field required"):
        load(artifact, kind)


def test_artifact_of_another_kind_is_refused(write_artifact: Write, mean_graph: Build, kind: Kind) -> None:
    with pytest.raises(EngineError, match="kind tensorrt; expected onnx"):
        load(write_artifact(mean_graph(), kind="tensorrt"), kind)


def test_unknown_name_lists_what_ships(kind: Kind) -> None:
    with pytest.raises(ConfigError, match="artifact cmdfc-giant: no such file, and none ships under this name"):
        load(Path("cmdfc-giant"), kind)


def test_onnx_runtime_refuses_bf16(artifact: Path) -> None:
    with pytest.raises(EngineError, match=r"engine\.kind=openvino"):
        open_engine(EngineSettings(artifact=str(artifact), kind="onnx", precision="bf16"), (32, 24))


def test_openvino_computes_in_bf16_or_says_that_the_processor_cannot(artifact: Path) -> None:
    settings = EngineSettings(artifact=str(artifact), kind="openvino", precision="bf16")
    if "bf16" in native_precisions():
        assert open_engine(settings, (32, 24)).precision == "bf16"
    else:
        with pytest.raises(EngineError, match="has no bf16 arithmetic: set"):
            open_engine(settings, (32, 24))
