"""The gate bites: what changes the picture is not written, and the message says where it went wrong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export import artifact
from export.artifact import Check
from export.onnx import store_as_fp16
from irvis.cli import main
from irvis.engine import Artifact, read_artifact
from irvis.engine.manifest import sha256_of, write_artifact
from irvis.errors import ParityError


def changed(parent: Artifact, graph: onnx.ModelProto, folder: Path) -> Artifact:
    data = graph.SerializeToString()
    manifest = parent.manifest.model_copy(update={"artifact_sha256": sha256_of(data)})
    return Artifact(folder / "changed.onnx", manifest, data)


def swap_channels(parent: Artifact, folder: Path) -> Artifact:
    """The fused picture in RGB order, as a converter that confuses channels would give it."""
    graph = onnx.load_from_string(parent.data)
    for node in graph.graph.node:
        for place, name in enumerate(node.output):
            node.output[place] = "fused.bgr" if name == "fused" else name
    graph.graph.initializer.append(numpy_helper.from_array(np.array([2, 1, 0]), "rgb"))
    graph.graph.node.append(onnx.helper.make_node("Gather", ["fused.bgr", "rgb"], ["fused"], axis=3))
    return changed(parent, graph, folder)


def overflowing(parent: Artifact, folder: Path) -> Artifact:
    """The same function in fp32, with one layer's values a million times as large, and divided again after it."""
    graph = onnx.load_from_string(parent.data)
    stored = {each.name: each for each in graph.graph.initializer}
    convolution = next(
        node
        for node in graph.graph.node
        if node.op_type == "Conv" and node.input[1].startswith("fusion.decoder.0")
    )
    large = np.array(1e6, np.float32)
    graph.graph.initializer.append(numpy_helper.from_array(large, "large"))
    graph.graph.initializer.append(numpy_helper.from_array(1 / large, "small"))
    result, place = convolution.output[0], list(graph.graph.node).index(convolution)
    weights = convolution.input[1]
    bias = stored[convolution.input[2]]
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) * large, bias.name))
    convolution.input[1], convolution.output[0] = f"{weights}.large", f"{result}.large"
    graph.graph.node.insert(place, onnx.helper.make_node("Mul", [weights, "large"], [f"{weights}.large"]))
    graph.graph.node.insert(place + 2, onnx.helper.make_node("Mul", [f"{result}.large", "small"], [result]))
    return changed(parent, graph, folder)


def test_an_artifact_that_swaps_channels_is_refused(exported: Artifact, check: Check, tmp_path: Path) -> None:
    wrong = swap_channels(exported, tmp_path)
    with pytest.raises(ParityError, match=r"on pair (night|day).* nothing was written: the conversion changed"):
        artifact.write(wrong, "fp32", replace(check, allow_loss=False))
    assert not list(tmp_path.iterdir())


def test_allowed_loss_is_in_the_manifest(exported: Artifact, check: Check, tmp_path: Path) -> None:
    written = artifact.write(swap_channels(exported, tmp_path), "fp32", check)
    assert "taken with --allow-loss" in (read_artifact(written.path).manifest.loss_allowed or "")


def test_an_overflow_in_fp16_is_refused_and_its_layer_named(
    exported: Artifact, check: Check, tmp_path: Path
) -> None:
    parent = overflowing(exported, tmp_path)
    narrow = artifact.in_fp16(parent)
    with pytest.raises(
        ParityError,
        match=r"layer that differs most is fusion\.decoder\.0.*beyond the range of fp16.*--precision bf16",
    ):
        artifact.write(narrow, "fp16", replace(check, allow_loss=False), parent)
    assert not list(tmp_path.iterdir())


def test_an_overflow_ends_the_command_with_4_unless_the_loss_is_allowed(
    exported: Artifact, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parent = overflowing(exported, tmp_path)
    write_artifact(parent)
    asked = [
        "export",
        str(parent.path),
        "--precision",
        "fp16",
        "--pairs",
        str(pairs),
        "--out",
        str(tmp_path / "out"),
    ]
    with pytest.raises(SystemExit) as refused:
        main(asked)
    said = " ".join(capsys.readouterr().err.split())
    assert refused.value.code == 4
    assert "the layer that differs most is fusion.decoder.0" in said
    assert "nothing was written: try --precision bf16" in said
    assert not (tmp_path / "out").exists()
    with pytest.raises(SystemExit) as taken:
        main([*asked, "--allow-loss"])
    assert taken.value.code == 0
    written = read_artifact(tmp_path / "out" / "small-fp16.onnx").manifest
    assert "taken with --allow-loss" in (written.loss_allowed or "")


def test_weights_beyond_the_range_of_fp16_are_stored_as_they_are() -> None:
    large = numpy_helper.from_array(np.full((16, 16), 1e6, np.float32), "large")
    model = onnx.helper.make_model(onnx.helper.make_graph([], "weights", [], [], [large]))
    store_as_fp16(model)
    assert numpy_helper.to_array(model.graph.initializer[0]).max() == 1e6


def test_the_same_graph_without_overflow_passes(exported: Artifact, check: Check, tmp_path: Path) -> None:
    narrow = artifact.in_fp16(exported)._replace(path=tmp_path / "small-fp16.onnx")
    written = artifact.write(narrow, "fp16", check, exported)
    assert written.manifest.parity is not None
    assert written.manifest.parity.psnr_db > 45
