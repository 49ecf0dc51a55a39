"""Graphs as OpenVINO reads them: what `irvis inspect` tells of them, and what a frame costs."""

import math
from collections import Counter
from io import BytesIO
from typing import Any

import numpy as np

from ..errors import EngineError, EngineUnavailable
from .artifact import Port
from .manifest import Artifact
from .shapes import rounded

QUIET = ("Constant", "Parameter", "Result", "Convert")
"""Operations that are not counted as layers."""


def failures() -> tuple[type[Exception], ...]:
    """Everything that OpenVINO raises for a graph or a request that it can't take.

    Raises:
        EngineUnavailable: OpenVINO is not installed.
    """
    try:
        from openvino import frontend
    except ImportError as exc:
        raise EngineUnavailable(f"openvino can't be imported ({exc}): pip install openvino") from exc
    return (
        RuntimeError,
        ValueError,
        TypeError,
        LookupError,
        frontend.GeneralFailure,
        frontend.InitializationFailure,
        frontend.NotImplementedFailure,
        frontend.OpConversionFailure,
        frontend.OpValidationFailure,
    )


def read_graph(artifact: Artifact) -> Any:
    """The `openvino.Model` of an ONNX or OpenVINO artifact.

    Raises:
        EngineUnavailable: OpenVINO is not installed.
        EngineError: The bytes are not a graph.
    """
    known = failures()
    import openvino
    from openvino import frontend

    try:
        if artifact.manifest.kind == "openvino":
            return openvino.Core().read_model(artifact.data, artifact.weights)
        # The ONNX frontend alone: Core.read_model shows a graph that it can't read to every other one too.
        onnx = frontend.FrontEndManager().load_by_framework("onnx")
        return onnx.convert(onnx.load(BytesIO(artifact.data)))
    except known as exc:
        raise EngineError(f"{artifact.path}: OpenVINO can't load it: {reason_of(exc)}") from exc


def reason_of(error: BaseException) -> str:
    """OpenVINO's messages begin with where in its sources they come from; the last line says why."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()


def ports_of(nodes: Any) -> dict[str, Port]:
    """A model's inputs or outputs by name."""
    ports = {}
    for node in nodes:
        sides = tuple(side.get_length() if side.is_static else None for side in node.get_partial_shape())
        ports[node.get_any_name()] = Port(_type_name(node.get_element_type()), sides)
    return ports


def _type_name(element: Any) -> str:
    """NumPy's name of an element type; OpenVINO's own for those that NumPy lacks."""
    try:
        return str(np.dtype(element.to_dtype()).name)
    except LookupError:
        return str(element.to_string())


def at_size(model: Any, size: tuple[int, int], multiple: int) -> tuple[int, int]:
    """Fix a model's sides in place, and compute what is known then: arithmetic on shapes is no layer.

    Returns:
        Width and height [px], rounded up to the multiple.
    """
    from openvino.passes import ConstantFolding, Manager

    width, height = rounded(size, multiple)
    model.reshape({"visible": [1, height, width, 3], "infrared": [1, height, width]})
    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(model)
    return width, height


def layers_of(model: Any) -> Counter[str]:
    """How many operations of which kind."""
    kinds = Counter(operation.get_type_name() for operation in model.get_ops())
    for quiet in QUIET:
        kinds.pop(quiet, None)
    return kinds


def gflop_of(model: Any) -> float:
    """Work of a frame in the convolutions of a model of fixed sides [GFLOP], a multiply-add counted as two."""
    return 2 * sum(multiplications(operation) for operation in model.get_ops()) / 1e9


def multiplications(operation: Any) -> int:
    """Multiply-adds of an OpenVINO convolution of static shape; 0 for everything else."""
    kind = operation.get_type_name()
    if kind not in ("Convolution", "GroupConvolution", "MatMul"):
        return 0
    outputs = int(math.prod(operation.get_output_shape(0)))
    weights = list(operation.input(1).get_shape())
    # (out, in, h, w), with the groups before; a MatMul's inner side is the last of its first input.
    per_output = {"Convolution": weights[1:], "GroupConvolution": weights[2:]}.get(kind)
    return outputs * (math.prod(per_output) if per_output else int(list(operation.input(0).get_shape())[-1]))
