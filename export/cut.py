"""Artifacts cut where fusion ends and the segmenter begins, and one's fusion joined to another's segmenter."""

import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper

from cmdfc.segmentation import CLASSES
from irvis.engine import Artifact
from irvis.errors import EngineError

LEVELS = "levels"
"""What is cut: the fused picture before it is rounded, (N, H, W, 3) BGR float in 0..255."""
ROUNDING = ("Cast", "Clip", "Add")
"""The operations that make bytes of it, the last first."""
OF_SEGMENTER = "segmenter."
"""How the names of a segmenter's own weights begin, in every artifact."""


def fusion_of(artifact: Artifact) -> ModelProto:
    """The graph of an artifact up to the fused picture, as `fused` and unrounded as `levels`.

    Raises:
        EngineError: The artifact's graph is not of this irvis.
    """
    return _extracted(_with_levels(artifact), ["visible", "infrared"], ["fused", LEVELS])


def segmenter_of(artifact: Artifact) -> ModelProto:
    """The graph of an artifact from `levels` to `labels`.

    Raises:
        EngineError: It has no segmenter, or one of other classes, or its graph is not of this irvis.
    """
    if artifact.manifest.classes != list(CLASSES):
        raise EngineError(
            f"{artifact.path}: a segmenter of the classes {', '.join(artifact.manifest.classes)}; expected "
            f"{', '.join(CLASSES)}, which is what irvis draws: train one with `irvis train`"
        )
    part = _extracted(_with_levels(artifact), [LEVELS], ["labels"])
    if not any(node.op_type == "Conv" for node in part.graph.node):
        raise EngineError(
            f"{artifact.path}: has no segmenter, its labels are all 0; give --segmentation an artifact with one, "
            "cmdfc-nano for example, or a checkpoint of a segmenter"
        )
    return part


def joined(fusion: ModelProto, segmenter: ModelProto) -> bytes:
    """One graph of a fusion, of `fusion_of`, and a segmenter, of `segmenter_of`.

    Raises:
        EngineError: The one can't follow the other.
    """
    second = ModelProto()
    second.CopyFrom(segmenter)
    _set_apart(second.graph)
    try:
        model = onnx.compose.merge_models(fusion, second, [(LEVELS, LEVELS)], outputs=["fused", "labels"])
        onnx.checker.check_model(model, full_check=True)
    except (ValueError, onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as exc:
        raise EngineError(
            f"the segmenter can't follow this fusion ({str(exc).splitlines()[0]}): expected graphs that the same "
            "version of irvis exported; export both again"
        ) from exc
    return model.SerializeToString()


def _with_levels(artifact: Artifact) -> ModelProto:
    """The graph of an artifact, in which what is rounded to the fused picture is called `levels`."""
    model = onnx.load_from_string(artifact.data)
    made_by = {name: node for node in model.graph.node for name in node.output}
    name = "fused"
    for kind in ROUNDING:
        node = made_by.get(name)
        if node is None or node.op_type != kind:
            raise EngineError(
                f"{artifact.path}: not cut: its fused picture does not come from {', '.join(reversed(ROUNDING))}; "
                "expected a graph that this irvis exported, in fp32: run `irvis export` again"
            )
        name = node.input[0]
    for node in model.graph.node:
        _rename(node, {name: LEVELS})
    del model.graph.value_info[:]
    model.graph.value_info.append(helper.make_tensor_value_info(LEVELS, TensorProto.FLOAT, ["N", "H", "W", 3]))
    return model


def _extracted(model: ModelProto, inputs: list[str], outputs: list[str]) -> ModelProto:
    return onnx.utils.Extractor(model).extract_model(inputs, outputs)


def _set_apart(graph: onnx.GraphProto) -> None:
    """Give everything in a segmenter's graph names that no fusion has, but its ports and its own weights."""
    names = {
        name: name if not name or name in (LEVELS, "labels") or name.startswith(OF_SEGMENTER) else f"labels/{name}"
        for node in graph.node
        for name in (*node.input, *node.output)
    }
    for place, node in enumerate(graph.node):
        _rename(node, names)
        node.name = f"labels/{node.name or place}"
    for weights in graph.initializer:
        weights.name = names[weights.name]
    del graph.value_info[:]


def _rename(node: NodeProto, names: dict[str, str]) -> None:
    for ports in (node.input, node.output):
        for place, name in enumerate(ports):
            ports[place] = names.get(name, name)
