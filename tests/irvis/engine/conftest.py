"""Artifacts for the engine tests: small real graphs with their manifests."""

import hashlib
import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from irvis.engine import Engine, Manifest

SIZE_MULTIPLE = 4


def build_mean(visible: str = "visible", labels_type: int = TensorProto.UINT8) -> onnx.ModelProto:
    """Fused is the mean of both pictures, a label is 1 where the infrared is above 128."""
    constants = {
        "axis": helper.make_tensor("axis", TensorProto.INT64, [1], [-1]),
        "half": helper.make_tensor("half", TensorProto.FLOAT, [], [0.5]),
        "limit": helper.make_tensor("limit", TensorProto.FLOAT, [], [128.0]),
    }
    nodes = [
        helper.make_node("Cast", [visible], ["vis"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["infrared"], ["ir"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["ir", "axis"], ["ir3"]),
        helper.make_node("Add", ["vis", "ir3"], ["sum"]),
        helper.make_node("Mul", ["sum", "half"], ["mean"]),
        helper.make_node("Floor", ["mean"], ["rounded"]),
        helper.make_node("Cast", ["rounded"], ["fused"], to=TensorProto.UINT8),
        helper.make_node("Greater", ["ir", "limit"], ["hot"]),
        helper.make_node("Cast", ["hot"], ["labels"], to=labels_type),
    ]
    plane: list[str | int | None] = ["N", "H", "W"]
    picture = [*plane, 3]
    graph = helper.make_graph(
        nodes,
        "mean",
        [
            helper.make_tensor_value_info(visible, TensorProto.UINT8, picture),
            helper.make_tensor_value_info("infrared", TensorProto.UINT8, plane),
        ],
        [
            helper.make_tensor_value_info("fused", TensorProto.UINT8, picture),
            helper.make_tensor_value_info("labels", labels_type, plane),
        ],
        list(constants.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model


@pytest.fixture
def mean_graph() -> Callable[..., bytes]:
    """Builds the graph, or one like it that breaks the contract."""
    return lambda **changes: build_mean(**changes).SerializeToString()


@pytest.fixture
def write_artifact(tmp_path: Path) -> Callable[..., Path]:
    """Writes bytes as an artifact whose manifest agrees with them."""

    def write(data: bytes, **changes: object) -> Path:
        path = tmp_path / "mean.onnx"
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        manifest = Manifest(
            name="mean",
            kind="onnx",
            network="mean of both",
            artifact_sha256=digest,
            weights_sha256=digest,
            classes=["background", "hot"],
            size_multiple=SIZE_MULTIPLE,
            precision="fp32",
            opset=20,
        )
        path.with_suffix(".json").write_text(manifest.model_copy(update=changes).model_dump_json())
        return path

    return write


@pytest.fixture
def artifact(write_artifact: Callable[..., Path], mean_graph: Callable[..., bytes]) -> Path:
    """A graph that keeps the contract: fused is the mean, labels are where the infrared is above 128."""
    return write_artifact(mean_graph())


@pytest.fixture
def memory_taken() -> Callable[[Engine, tuple[int, int]], float]:
    """How many pages' bytes a process takes from the system per frame, once an engine has run for a while.

    Page faults see the memory of native code too; what is used again faults no more.
    """

    def measure(engine: Engine, size: tuple[int, int], frames: int = 12) -> float:
        visible, infrared = np.zeros((size[1], size[0], 3), np.uint8), np.zeros((size[1], size[0]), np.uint8)
        for _ in range(frames // 2):
            engine.fuse(visible, infrared)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(frames):
            engine.fuse(visible, infrared)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        return faults * resource.getpagesize() / frames

    return measure
