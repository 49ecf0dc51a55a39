"""A network as ONNX: one valid graph of bytes, of any size and batch, that agrees with the network."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from cmdfc.engine import TorchEngine
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation
from export import artifact, parity
from irvis.engine import Artifact, Engine, open_engine
from irvis.settings import EngineSettings


def engine_of(path: Path, kind: str, size: tuple[int, int] = (96, 64)) -> Engine:
    return open_engine(EngineSettings.model_validate({"artifact": str(path), "kind": kind}), size)


def test_the_graph_is_valid_and_speaks_bytes_only(exported: Artifact) -> None:
    graph = onnx.load_from_string(exported.data)
    onnx.checker.check_model(graph, full_check=True)
    ports = {port.name: port.type.tensor_type.elem_type for port in (*graph.graph.input, *graph.graph.output)}
    assert ports == dict.fromkeys(("visible", "infrared", "fused", "labels"), onnx.TensorProto.UINT8)
    assert {node.domain for node in graph.graph.node} == {""}


def test_nothing_of_the_exporting_machine_is_inside(exported: Artifact) -> None:
    assert str(Path.cwd()).encode() not in exported.data


@pytest.mark.parametrize("kind", ["onnx", "openvino"])
@pytest.mark.parametrize(("batch", "height", "width"), [(1, 64, 96), (3, 96, 32)])
def test_engines_agree_with_the_network_at_every_size_and_batch(
    exported: Artifact, model: FusionSegmentation, kind: str, batch: int, height: int, width: int
) -> None:
    rng = np.random.default_rng(1)
    visible = rng.integers(0, 256, (batch, height, width, 3), np.uint8)
    infrared = rng.integers(0, 256, (batch, height, width), np.uint8)
    fused, labels = engine_of(exported.path, kind, (width, height)).infer(visible, infrared)
    expected, _ = TorchEngine(model, "small").infer(visible, infrared)
    assert parity.psnr(fused, expected) > parity.GATES["fp32"].psnr_db
    assert labels.shape == infrared.shape


def test_a_network_without_segmenter_labels_every_size_0(tmp_path: Path) -> None:
    network = FusionSegmentation(FusionNet(FusionConfig(stem=8, encoder=(), compensated=())), None).eval()
    made = artifact.from_network(network, "fusion", tmp_path)
    graph = onnx.load_from_string(made.data)
    assert [dim.dim_param for dim in graph.graph.output[1].type.tensor_type.shape.dim] == ["N", "H", "W"]
    assert len(made.data) < 100_000


def test_the_manifest_carries_what_was_measured(exported: Artifact) -> None:
    manifest = engine_of(exported.path, "onnx").manifest
    assert manifest.parity is not None
    assert manifest.parity.pairs == 2
    assert manifest.parity.measured_on.startswith("onnxruntime-")
    assert manifest.parity.psnr_db > parity.GATES["fp32"].psnr_db
    assert manifest.size_multiple == 8
