"""`irvis export --segmentation`: the segmenter of a checkpoint or of an artifact, behind any fusion."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import pytest

from cmdfc import checkpoint
from cmdfc.model import FusionSegmentation
from export import artifact, cut
from export.commands import export
from irvis.engine import Artifact, Engine, open_engine, read_artifact
from irvis.engine.manifest import sha256_of, write_artifact
from irvis.engine.precision import in_precision
from irvis.errors import ConfigError, DataError, EngineError
from irvis.settings import EngineSettings

SIZE = (96, 64)


@pytest.fixture(scope="module")
def checkpoints(model: FusionSegmentation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The two networks of the small artifact, each as its training writes it."""
    folder = tmp_path_factory.mktemp("runs")
    assert model.segmenter is not None
    parts = {
        "fusion": (asdict(model.fusion.config), model.fusion.state_dict()),
        "segmentation": (asdict(model.segmenter.config), model.segmenter.state_dict()),
    }
    for kind, (config, weights) in parts.items():
        saved = {"kind": kind, "network": config, "weights": weights}
        checkpoint.save(folder / kind / "checkpoint.pt", saved)
    return {kind: folder / kind / "checkpoint.pt" for kind in parts}


def engine_of(path: Path, kind: str = "onnx") -> Engine:
    return open_engine(EngineSettings.model_validate({"artifact": str(path), "kind": kind}), SIZE)


def pictures(engine: Engine) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    return engine.infer(
        rng.integers(0, 256, (2, 64, 96, 3), np.uint8), rng.integers(0, 256, (2, 64, 96), np.uint8)
    )


def changed(parent: Artifact, folder: Path, data: bytes | None = None, **changes: object) -> Artifact:
    """The artifact in another folder, with other bytes or another manifest."""
    made = parent.data if data is None else data
    manifest = parent.manifest.model_copy(update={"artifact_sha256": sha256_of(made), **changes})
    written = Artifact(folder / "changed.onnx", manifest, made)
    write_artifact(written)
    return written


@pytest.mark.parametrize(
    ("source", "segmentation"),
    [("artifact", "artifact"), ("artifact", "checkpoint"), ("checkpoint", "artifact")],
)
def test_fusion_and_segmenter_joined_draw_what_they_drew_together(
    source: str,
    segmentation: str,
    exported: Artifact,
    checkpoints: dict[str, Path],
    pairs: Path,
    tmp_path: Path,
) -> None:
    fusion = exported.path if source == "artifact" else checkpoints["fusion"]
    segmenter = exported.path if segmentation == "artifact" else checkpoints["segmentation"]
    # An untrained segmenter's labels may flip with the last bit of the weights, which artifacts round.
    export(str(fusion), segmentation=str(segmenter), name="joined", pairs=pairs, out=tmp_path, allow_loss=True)
    for got, wanted in zip(
        pictures(engine_of(tmp_path / "joined.onnx")), pictures(engine_of(exported.path)), strict=True
    ):
        np.testing.assert_array_equal(got, wanted)


def test_a_fusion_takes_the_segmenter_of_what_ships(exported: Artifact, pairs: Path, tmp_path: Path) -> None:
    export(str(exported.path), segmentation="cmdfc-nano", pairs=pairs, out=tmp_path)
    made = read_artifact(tmp_path / "small-with-cmdfc-nano.onnx")
    onnx.checker.check_model(onnx.load_from_string(made.data), full_check=True)
    assert made.manifest.size_multiple == 32
    assert made.manifest.weights_sha256 not in (exported.manifest.weights_sha256, None)
    assert made.manifest.parity is not None
    assert made.manifest.parity.psnr_db > 90
    assert made.manifest.parity.labels_equal > 0.999
    fused, labels = pictures(engine_of(made.path))
    np.testing.assert_array_equal(fused, pictures(engine_of(exported.path))[0])
    assert labels.shape == fused.shape[:3]


def test_weights_stored_as_fp32_are_cut_and_joined_too(exported: Artifact, tmp_path: Path) -> None:
    wide = changed(exported, tmp_path, in_precision(exported.data, "fp32"))
    data = cut.joined(cut.fusion_of(exported), cut.segmenter_of(wide))
    made = changed(exported, tmp_path, data)
    for got, wanted in zip(pictures(engine_of(made.path)), pictures(engine_of(exported.path)), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_what_was_joined_becomes_every_other_format(exported: Artifact, pairs: Path, tmp_path: Path) -> None:
    export(str(exported.path), to="openvino", segmentation="cmdfc-nano", pairs=pairs, out=tmp_path)
    made = read_artifact(tmp_path / "small-with-cmdfc-nano-openvino-fp32.xml")
    assert made.manifest.parent_sha256 == sha256_of((tmp_path / "small-with-cmdfc-nano.onnx").read_bytes())
    assert pictures(engine_of(made.path, "openvino"))[1].max() < len(made.manifest.classes)


def test_an_artifact_without_a_segmenter_is_refused(exported: Artifact, pairs: Path, tmp_path: Path) -> None:
    graph = onnx.load_from_string(exported.data)
    nodes = [node for node in graph.graph.node if "labels" not in node.output]
    del graph.graph.node[:]
    graph.graph.node.extend([*nodes, onnx.helper.make_node("Sub", ["infrared", "infrared"], ["labels"])])
    alone = changed(exported, tmp_path, graph.SerializeToString())
    with pytest.raises(EngineError, match=r"changed\.onnx: has no segmenter, .* give --segmentation an artifact"):
        export(str(exported.path), segmentation=str(alone.path), pairs=pairs, out=tmp_path / "out")


def test_a_segmenter_of_other_classes_is_refused(exported: Artifact, pairs: Path, tmp_path: Path) -> None:
    other = changed(exported, tmp_path, classes=["background", "ship"])
    with pytest.raises(EngineError, match="a segmenter of the classes background, ship; expected unlabelled, car"):
        export(str(exported.path), segmentation=str(other.path), pairs=pairs, out=tmp_path / "out")


def test_a_graph_of_another_irvis_is_refused(exported: Artifact, tmp_path: Path) -> None:
    graph = onnx.load_from_string(exported.data)
    made_by = {node.output[0]: node for node in graph.graph.node}
    made_by["fused"].op_type = "Identity"
    with pytest.raises(EngineError, match="expected a graph that this irvis exported"):
        cut.fusion_of(changed(exported, tmp_path, graph.SerializeToString()))


def test_an_artifact_in_fp16_is_refused(exported: Artifact, pairs: Path, tmp_path: Path) -> None:
    narrow = artifact.in_fp16(exported)._replace(path=tmp_path / "narrow.onnx")
    write_artifact(narrow)
    with pytest.raises(ConfigError, match=r"narrow\.onnx: computes in fp16; expected the fp32 artifact"):
        export(str(exported.path), segmentation=str(narrow.path), pairs=pairs, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("segmentation", "error", "message"),
    [
        ("nowhere", ConfigError, "artifact nowhere: no such file, and none ships under this name"),
        ("nowhere.pt", DataError, r"nowhere\.pt: .*No such file"),
    ],
)
def test_a_segmenter_that_is_not_there_is_refused(
    segmentation: str, error: type[Exception], message: str, pairs: Path, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        export("cmdfc-nano", segmentation=segmentation, pairs=pairs, out=tmp_path)


def test_torch_tensorrt_takes_no_segmenter_of_an_artifact(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cmdfc-nano is an artifact: torch-tensorrt takes the network's"):
        export("runs/checkpoint.pt", to="torch-tensorrt", segmentation="cmdfc-nano", out=tmp_path)
