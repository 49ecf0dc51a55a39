"""int8: the segmenter's convolutions are quantized, and nothing that draws the picture or compares scores is."""

from pathlib import Path

import pytest

from export import artifact, cut, openvino
from export.artifact import Check
from export.pairs import to_compare
from irvis.engine import Artifact
from irvis.errors import EngineError

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


def test_nothing_that_draws_the_picture_is_quantized(quantized: Artifact) -> None:
    import openvino as runtime

    graph = runtime.Core().read_model(quantized.data, quantized.weights)
    ahead, drawing = [graph.output("fused").get_node()], {}
    while ahead:
        operation = ahead.pop()
        if operation.get_friendly_name() not in drawing:
            drawing[operation.get_friendly_name()] = operation.get_type_name()
            ahead += [port.get_source_output().get_node() for port in operation.inputs()]
    assert {"Convolution", "Interpolate"} <= set(drawing.values())
    assert "FakeQuantize" not in drawing.values()


def test_the_picture_stays_as_it_is(quantized: Artifact, exported: Artifact, check: Check) -> None:
    parity = artifact.write(quantized, "int8", check, exported).manifest.parity
    assert parity is not None
    assert parity.psnr_db > 60


def test_a_network_without_segmenter_is_refused(exported: Artifact) -> None:
    alone = cut.fusion_of(exported).SerializeToString()
    with pytest.raises(EngineError, match="int8 quantizes the segmenter, and this artifact has none"):
        openvino.exact_layers(alone)
