"""An ONNX artifact as OpenVINO's own format: two files, in fp32 or bf16 arithmetic, or quantized to int8."""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cmdfc.data.pairs import Pair
from irvis.engine import Artifact
from irvis.engine.graph import read_graph
from irvis.engine.manifest import sha256_of
from irvis.errors import EngineError, EngineUnavailable

EXACT = (
    "Add",
    "Subtract",
    "Multiply",
    "Divide",
    "Minimum",
    "Maximum",
    "MatMul",
    "ReduceMean",
    "ReduceMax",
    "Concat",
    "GreaterEqual",
    "Greater",
    "LessEqual",
    "Less",
    "Equal",
    "NotEqual",
)
"""Operations that int8 leaves as they are. A comparison's two sides would be rounded apart: `label_map` asks which
score equals their maximum."""
RECONSTRUCTOR = "fusion.decoder."
"""How the names of the weights begin of the only convolutions on the way to the picture that int8 rounds: they are
60 % of the live fusion's work, and only say how the pictures are combined."""
FIRST = 6
"""Convolutions of the segmenter, its stem and the two blocks after it, that see the picture itself: rounding them
costs two labels in a hundred on some."""


def convert(parent: Artifact, precision: str, pairs: Sequence[Pair]) -> Artifact:
    """Make the .xml and .bin of an ONNX artifact; nothing is written.

    Args:
        parent: ONNX.
        precision: fp32, bf16 or int8.
        pairs: To calibrate int8 with; their sides are multiples of the network's.

    Raises:
        EngineUnavailable: int8 was asked for and nncf is not installed.
    """
    import openvino

    model = read_graph(parent)
    if precision == "int8":
        model = _quantized(model, pairs, exact_layers(parent.data))
    name = f"{parent.manifest.name}-openvino-{precision}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.xml"
        openvino.save_model(model, path, compress_to_fp16=True)
        data, weights = path.read_bytes(), path.with_suffix(".bin").read_bytes()
    manifest = parent.manifest.model_copy(
        update={
            "name": name,
            "kind": "openvino",
            "artifact_sha256": sha256_of(data, weights),
            "parent_sha256": parent.manifest.artifact_sha256,
            "precision": precision,
            "parity": None,
        }
    )
    return Artifact(parent.path.with_name(path.name), manifest, data, weights)


def exact_layers(graph: bytes) -> list[str]:
    """Names of the operations that stay as they are in int8.

    That is all that draws the picture but the reconstructor's convolutions, and the segmenter's first ones.

    Raises:
        EngineError: There is nothing else to quantize.
    """
    import onnx

    nodes = onnx.load_from_string(graph).graph.node
    drawing = {"fused"}
    for node in reversed(nodes):
        if drawing.intersection(node.output):
            drawing.update(node.input)
    convolutions = [node for node in nodes if node.op_type == "Conv"]
    labelling = [node.name for node in convolutions if not drawing.intersection(node.output)]
    rebuilding = [node.name for node in convolutions if node.input[1].startswith(RECONSTRUCTOR)]
    if not (labelling or rebuilding):
        raise EngineError(
            "int8 quantizes a reconstructor or a segmenter, and this one has neither: take another --precision"
        )
    picture = [node.name for node in nodes if drawing.intersection(node.output)]
    kept = {name for name in (*picture, *labelling[:FIRST]) if name}.difference(rebuilding)
    return [name for each in sorted(kept) for name in (each, f"{each}/WithoutBiases")]


def _quantized(model: Any, pairs: Sequence[Pair], kept: list[str]) -> Any:
    try:
        import nncf
    except ImportError as exc:
        raise EngineUnavailable(f"nncf can't be imported ({exc}): pip install 'irvis[int8]'") from exc
    nncf.set_log_level(logging.ERROR)
    inputs = [{"visible": pair.visible[None], "infrared": pair.infrared[None]} for pair in pairs]
    # Only convolutions: what combines scores between them is exact or visibly wrong.
    scope = nncf.IgnoredScope(names=kept, types=list(EXACT), validate=False)
    return nncf.quantize(model, nncf.Dataset(inputs), subset_size=len(inputs), ignored_scope=scope)
