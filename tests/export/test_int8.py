"""int8: what combines the pictures and labels them is quantized; the pictures and comparisons are not."""

from pathlib import Path

import onnx
import pytest

from export import artifact, cut, openvino
from export.artifact import Check
from export.pairs import to_compare
from irvis.engine import Artifact, open_engine
from irvis.errors import EngineError
from irvis.settings import EngineSettings

COMPARISONS = ("GreaterEqual", "Greater", "LessEqual", "Less", "Equal", "NotEqual")


@pytest.fixture(scope="module")
def quantized(exported: Artifact, pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    pytest.importorskip("nncf", reason="needs the int8 extra")
    made = openvino.convert(exported, "int8", to_compare(pairs))
    return made._replace(path=tmp_path_factory.mktemp("int8") / made.path.name)


def test_convolutions_are_quantized_and_comparisons_are_not(quantized: Artifact) -> None:
    import openvino as runtime

    graph = runtime.Core().read_model(quantized.data, quantized.weights)
    fed = [
        target.get_node().get_type_name()
        for operation in graph.get_ops()
        if operation.get_type_name() == "FakeQuantize"
        for target in operation.output(0).get_target_inputs()
    ]
    assert "Convolution" in fed
    assert not set(fed) & set(COMPARISONS)


def test_of_what_draws_the_picture_only_the_reconstructor_is_quantized(
    quantized: Artifact, exported: Artifact
) -> None:
    import openvino as runtime

    graph = runtime.Core().read_model(quantized.data, quantized.weights)
    ahead, drawing = [graph.output("fused").get_node()], {}
    while ahead:
        operation = ahead.pop()
        if operation.get_friendly_name() not in drawing:
            drawing[operation.get_friendly_name()] = operation
            ahead += [port.get_source_output().get_node() for port in operation.inputs()]
    rounded = {
        target.get_node().get_friendly_name().removesuffix("/WithoutBiases")
        for operation in drawing.values()
        if operation.get_type_name() == "FakeQuantize"
        for target in operation.output(0).get_target_inputs()
    }
    assert {"Convolution", "Interpolate"} <= {operation.get_type_name() for operation in drawing.values()}
    assert rounded == reconstructor(exported.data)


def test_the_picture_hardly_changes_and_openvino_runs_it(
    quantized: Artifact, exported: Artifact, check: Check
) -> None:
    written = artifact.write(quantized, "int8", check, exported)
    parity = written.manifest.parity
    assert parity is not None
    assert parity.psnr_db > 60
    engine = open_engine(EngineSettings(artifact=str(written.path)), (64, 48))
    assert engine.choice == "openvino in int8: the artifact and the settings leave no other"


def test_a_fusion_without_segmenter_is_quantized_too(exported: Artifact) -> None:
    alone = cut.fusion_of(exported).SerializeToString()
    assert reconstructor(alone).isdisjoint(openvino.exact_layers(alone))


def test_what_has_nothing_to_quantize_is_refused() -> None:
    visible, infrared, fused, labels = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.UINT8, None)
        for name in ("visible", "infrared", "fused", "labels")
    )
    copies = [
        onnx.helper.make_node("Identity", *ends) for ends in ((["visible"], ["fused"]), (["infrared"], ["labels"]))
    ]
    graph = onnx.helper.make_graph(copies, "copies", [visible, infrared], [fused, labels])
    model = onnx.helper.make_model(graph).SerializeToString()
    with pytest.raises(
        EngineError, match="int8 quantizes a reconstructor or a segmenter, and this one has neither: take another"
    ):
        openvino.exact_layers(model)


def reconstructor(graph: bytes) -> set[str]:
    """Names of the reconstructor's convolutions."""
    convolutions = [node for node in onnx.load_from_string(graph).graph.node if node.op_type == "Conv"]
    names = {node.name for node in convolutions if "decoder" in node.input[1]}
    assert names
    return names
