"""An ONNX graph in another precision: the layers between convolutions in 16 bits, the picture's own path in fp32.

A strongly typed runtime computes in the types that the graph says. What comes before the first convolution and
after the last one handles whole bytes of 0..255, which 8 bits of mantissa (bfloat16) can't tell apart; it stays in
fp32, as do means over whole pictures, whose sums 16 bits can't hold.
"""

from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import EngineUnavailable

if TYPE_CHECKING:
    import onnx

Precision = Literal["fp32", "fp16", "bf16"]
WIDE = ("ReduceMean", "ReduceSum")
"""Layers that stay in fp32 wherever they are."""
BF16_OPSET = 22
"""The first operator set whose layers take bfloat16; those of irvis' graphs are otherwise as in 20."""
RESIZE_INPUTS = 1
"""Of a Resize, only the first input is data; the others say where to."""


def in_precision(graph: bytes, precision: Precision, *, bytes_at_edges: bool = False) -> bytes:
    """Give a graph of irvis another precision.

    Args:
        graph: ONNX, fp32 arithmetic; weights may be stored as fp16 behind a Cast.
        precision: Of the layers between convolutions.
        bytes_at_edges: Let inputs become fp32 at once and outputs become bytes last, for runtimes that can't
            rearrange bytes (TensorRT).

    Raises:
        EngineUnavailable: The onnx package is not installed.
    """
    try:
        import onnx
    except ImportError as exc:
        raise EngineUnavailable(f"onnx can't be imported ({exc}): pip install 'irvis[tensorrt-rtx]'") from exc
    model = onnx.load_from_string(graph)
    _widen_weights(model)
    if bytes_at_edges:
        _move_bytes_to_edges(model)
    if precision != "fp32":
        _lower(model, onnx.TensorProto.FLOAT16 if precision == "fp16" else onnx.TensorProto.BFLOAT16)
        if precision == "bf16":
            model.opset_import[0].version = max(model.opset_import[0].version, BF16_OPSET)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def _widen_weights(model: "onnx.ModelProto") -> None:
    """Replace each Cast of a stored weight by the weight in the type that it becomes."""
    from onnx import TensorProto, helper, numpy_helper

    stored = {weights.name: weights for weights in model.graph.initializer}
    for node in list(model.graph.node):
        if node.op_type == "Cast" and node.input[0] in stored:
            weights, to = stored[node.input[0]], helper.get_node_attr_value(node, "to")
            if weights.data_type == TensorProto.FLOAT16 and to == TensorProto.FLOAT:
                values = numpy_helper.to_array(weights).astype(np.float32)
                weights.CopyFrom(numpy_helper.from_array(values, node.output[0]))
                model.graph.node.remove(node)


def _move_bytes_to_edges(model: "onnx.ModelProto") -> None:
    """Bytes inside the graph become whole numbers in fp32; rounding down is what a Cast to bytes does."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    inputs, outputs = ([port.name for port in ports] for ports in (graph.input, graph.output))
    middle = []
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = f"{name}.wide" if name in (*inputs, *outputs) else name
        for place, name in enumerate(node.output):
            node.output[place] = f"{name}.wide" if name in outputs else name
        middle.append(node)
        if node.op_type == "Cast" and helper.get_node_attr_value(node, "to") == TensorProto.UINT8:
            node.attribute[0].i, whole = TensorProto.FLOAT, node.output[0]
            node.output[0] = f"{whole}.unrounded"
            middle.append(helper.make_node("Floor", [node.output[0]], [whole]))
    for weights in graph.initializer:
        if weights.data_type == TensorProto.UINT8:
            weights.CopyFrom(
                numpy_helper.from_array(numpy_helper.to_array(weights).astype(np.float32), weights.name)
            )
    first = [helper.make_node("Cast", [name], [f"{name}.wide"], to=TensorProto.FLOAT) for name in inputs]
    last = [helper.make_node("Cast", [f"{name}.wide"], [name], to=TensorProto.UINT8) for name in outputs]
    nodes = [*first, *middle, *last]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)


def _lower(model: "onnx.ModelProto", narrow: int) -> None:
    """Give the nodes between convolutions narrow inputs and outputs, with a Cast at each border."""
    import onnx
    from onnx import TensorProto, helper

    inferred = onnx.shape_inference.infer_shapes(model)
    floats = {v.name for v in inferred.graph.value_info if v.type.tensor_type.elem_type == TensorProto.FLOAT}
    graph = model.graph
    weights = {each.name: each for each in graph.initializer if each.data_type == TensorProto.FLOAT}
    chosen = _between_convolutions(graph, floats)
    nodes: list[onnx.NodeProto] = []
    made: set[str] = set()
    lowered: set[str] = set()

    def cast(source: str, result: str, to: int) -> None:
        if result not in made:
            made.add(result)
            nodes.append(helper.make_node("Cast", [source], [result], to=to))

    for node in graph.node:
        is_narrow = node.output[0] in chosen
        data = node.input[:RESIZE_INPUTS] if node.op_type == "Resize" else node.input
        for place, name in enumerate(data):
            small = f"{name}.narrow"
            if is_narrow and name in weights:
                if small not in made:
                    made.add(small)
                    graph.initializer.append(_narrowed(weights[name], small, narrow))
                node.input[place] = small
            elif is_narrow and name in floats:
                if name not in lowered:
                    cast(name, small, narrow)
                node.input[place] = small
            elif not is_narrow and name in lowered:
                cast(f"{name}.narrow", name, TensorProto.FLOAT)
        nodes.append(node)
        if is_narrow:
            if node.op_type == "Cast":
                node.attribute[0].i = narrow
            for place, name in enumerate(node.output):
                lowered.add(name)
                node.output[place] = f"{name}.narrow"
    used = {name for node in nodes for name in node.input}
    unused = [each for each in graph.initializer if each.name not in used]
    for each in unused:
        graph.initializer.remove(each)
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)


def _between_convolutions(graph: "onnx.GraphProto", floats: set[str]) -> set[str]:
    """First outputs of the nodes that are convolutions, or come after one and before another."""
    after: set[str] = set()
    for node in graph.node:
        if node.op_type == "Conv" or any(name in after for name in node.input):
            after.update(node.output)
    last = {port.name for port in graph.output}
    for node in reversed(graph.node):
        if node.op_type != "Conv" and any(name in last for name in node.output):
            last.update(node.input)
    return {
        node.output[0]
        for node in graph.node
        if node.output[0] in after
        and node.output[0] in floats
        and node.op_type not in WIDE
        and (node.op_type == "Conv" or not any(name in last for name in node.output))
    }


def _narrowed(weights: "onnx.TensorProto", name: str, narrow: int) -> "onnx.TensorProto":
    from onnx import helper, numpy_helper

    with np.errstate(over="ignore"):  # what overflows becomes infinite, which the parity finds
        values = numpy_helper.to_array(weights).astype(helper.tensor_dtype_to_np_dtype(narrow))
    return numpy_helper.from_array(values, name)
