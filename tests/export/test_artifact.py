from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from cmdfc.engine import TorchEngine
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation
from cmdfc.segmentation import Segmenter, SegmenterConfig
from export import artifact, parity
from irvis.engine import Engine, open_engine
from irvis.errors import ParityError
from irvis.settings import EngineSettings


@pytest.fixture(scope="module")
def model() -> FusionSegmentation:
    torch.manual_seed(0)
    # The first blocks are enough to have every kind of layer in the graph, and trace in seconds.
    segmenter = Segmenter(SegmenterConfig(taps=(0, 2), width=16, fine_width=8))
    segmenter.backbone.load_imagenet()
    return FusionSegmentation(FusionNet(FusionConfig(stem=8, encoder=(8,), decoder=(8,))), segmenter).eval()


@pytest.fixture(scope="module")
def exported(model: FusionSegmentation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # An untrained segmenter sits on the fence everywhere, so its labels may flip with the last bit of the weights.
    floor, parity.LABELS_FLOOR = parity.LABELS_FLOOR, 0.9
    try:
        path, _ = artifact.write(model, "small", tmp_path_factory.mktemp("artifact"))
    finally:
        parity.LABELS_FLOOR = floor
    return path


def engine_of(path: Path, kind: str) -> Engine:
    return open_engine(EngineSettings.model_validate({"artifact": str(path), "kind": kind}), (96, 64))


def test_the_graph_is_valid_and_speaks_bytes_only(exported: Path) -> None:
    graph = onnx.load(str(exported))
    onnx.checker.check_model(graph, full_check=True)
    ports = {port.name: port.type.tensor_type.elem_type for port in (*graph.graph.input, *graph.graph.output)}
    assert ports == dict.fromkeys(("visible", "infrared", "fused", "labels"), onnx.TensorProto.UINT8)
    assert {node.domain for node in graph.graph.node} == {""}


def test_nothing_of_the_exporting_machine_is_inside(exported: Path) -> None:
    assert str(Path.cwd()).encode() not in exported.read_bytes()


@pytest.mark.parametrize("kind", ["onnx", "openvino"])
@pytest.mark.parametrize(("batch", "height", "width"), [(1, 64, 96), (3, 96, 32)])
def test_engines_agree_with_the_network_at_every_size_and_batch(
    exported: Path, model: FusionSegmentation, kind: str, batch: int, height: int, width: int
) -> None:
    rng = np.random.default_rng(1)
    visible = rng.integers(0, 256, (batch, height, width, 3), np.uint8)
    infrared = rng.integers(0, 256, (batch, height, width), np.uint8)
    fused, _ = engine_of(exported, kind).infer(visible, infrared)
    expected, _ = TorchEngine(model, "small").infer(visible, infrared)
    assert parity.psnr(fused, expected) > parity.PSNR_FLOOR_DB


def test_an_artifact_that_swaps_channels_is_refused(exported: Path, model: FusionSegmentation) -> None:
    class Swapped(TorchEngine):
        def infer(self, visible: np.ndarray, infrared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return super().infer(visible[..., ::-1], infrared)

    found = parity.measure(Swapped(model, "swapped"), TorchEngine(model, "small"), artifact.pictures())
    with pytest.raises(ParityError, match="nothing was written"):
        parity.check(found, "swapped")


def test_the_manifest_carries_what_was_measured(exported: Path) -> None:
    manifest = engine_of(exported, "onnx").manifest
    assert manifest.parity is not None
    assert manifest.parity.pairs == 5
    assert manifest.size_multiple == 8
