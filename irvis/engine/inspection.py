"""`irvis inspect`: what is in an artifact, and whether it would load here."""

import math
from collections import Counter
from io import BytesIO
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..config import parse_size
from ..errors import EngineError
from ..settings import EngineKind, EngineSettings
from . import open_engine
from .artifact import open_artifact
from .manifest import Artifact

KINDS: dict[str, EngineKind] = {"onnx": "onnx", "openvino": "openvino", "tensorrt": "tensorrt"}
SHOWN_OPERATIONS = 12


def inspect(artifact: str, *, size: str = "640x480") -> int:
    """Show an artifact's manifest, its graph, what a frame costs, and whether it would load here.

    Args:
        artifact: A shipped artifact's name or a path.
        size: Width and height of the frames [px].
    """
    pixels = parse_size(size)
    opened = open_artifact(artifact)
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("artifact", escape(str(opened.path)))
    for key, value in opened.manifest.model_dump(
        exclude_none=True, exclude={"version", "parity", "target"}
    ).items():
        table.add_row(key, escape(", ".join(value) if isinstance(value, list) else str(value)))
    for section in (opened.manifest.parity, opened.manifest.target):
        for key, value in section.model_dump(exclude_none=True).items() if section else ():
            table.add_row(f"{type(section).__name__.lower()}.{key}", escape(str(value)))
    table.add_row("file", f"{(len(opened.data) + len(opened.weights)) / 1e6:.2f} MB")
    loads = True
    try:
        for row in _graph_rows(opened, pixels):
            table.add_row(*map(escape, row))
        settings = EngineSettings(artifact=str(opened.path), kind=KINDS.get(opened.manifest.kind, "auto"))
        table.add_row("loads here", escape(f"yes: {open_engine(settings, pixels).fingerprint}"))
    except EngineError as exc:
        loads = False
        table.add_row("loads here", escape(f"no: {exc}"))
    Console().print(table)
    return 0 if loads else EngineError.exit_code


def _graph_rows(artifact: Artifact, size: tuple[int, int]) -> list[tuple[str, str]]:
    """Ports, operations and arithmetic of a graph that OpenVINO reads; nothing for compiled engines."""
    if artifact.manifest.kind not in ("onnx", "openvino"):
        return []
    model = _read(artifact)
    ports = [
        (f"{direction} {port.get_any_name()}", f"{port.get_element_type().to_string()} {port.get_partial_shape()}")
        for direction, nodes in (("input", model.inputs), ("output", model.outputs))
        for port in nodes
    ]
    width, height = (side + -side % artifact.manifest.size_multiple for side in size)
    model.reshape({"visible": [1, height, width, 3], "infrared": [1, height, width]})
    _fold(model)
    operations = Counter(op.get_type_name() for op in model.get_ops())
    for quiet in ("Constant", "Parameter", "Result", "Convert"):
        operations.pop(quiet, None)
    shown = ", ".join(f"{count} {name}" for name, count in operations.most_common(SHOWN_OPERATIONS))
    work = sum(multiplications(op) for op in model.get_ops())
    return [
        *ports,
        ("layers", f"{operations.total()}: {shown}" + (", ..." if len(operations) > SHOWN_OPERATIONS else "")),
        (
            f"at {width}x{height}",
            f"{2 * work / 1e9:.2f} GFLOP a frame in convolutions, a multiply-add counted as two",
        ),
    ]


def _fold(model: Any) -> None:
    """Compute what is known once the size is: the graph's arithmetic on shapes is no layer."""
    from openvino.passes import ConstantFolding, Manager

    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(model)


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


def _read(artifact: Artifact) -> Any:
    import openvino
    from openvino import frontend

    if artifact.manifest.kind == "openvino":
        return openvino.Core().read_model(artifact.data, artifact.weights)
    try:
        onnx = frontend.FrontEndManager().load_by_framework("onnx")
        return onnx.convert(onnx.load(BytesIO(artifact.data)))
    except (RuntimeError, frontend.GeneralFailure) as exc:
        raise EngineError(f"{artifact.path}: not a graph that can be read: {str(exc).splitlines()[-1]}") from exc
