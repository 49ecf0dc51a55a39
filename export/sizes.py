"""A graph traced at one size, made one of every size: numbers that follow the input's sides are read from it."""

from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from irvis.errors import EngineError

SIDES = ("N", "H", "W")


class Sides(NamedTuple):
    """What a graph was traced at.

    Attributes:
        lengths: Batch, height and width [px].
        primes: One for each of the three, which divides it and no size inside the network.
    """

    lengths: tuple[int, int, int]
    primes: tuple[int, int, int]


def free(model: onnx.ModelProto, sides: Sides) -> None:
    """Replace the batch and the sides that a graph was traced at by those of its input, in place.

    A number of a shape that one of the primes divides came from that side: it becomes side * a // b, the side
    read from the shape of `infrared`. So do the sides of constant pictures. Nothing else in a graph of
    convolutions knows the size of its input; comparing with the network at another size (`export.parity`) proves
    it for each artifact.

    Raises:
        EngineError: A number follows two sides at once, or a picture inside the graph is not of one value; no
            layer of irvis asks for either.
    """
    graph = model.graph
    nodes = [
        helper.make_node("Shape", ["infrared"], ["sides"]),
        helper.make_node("Concat", ["sides", "sides.one"], ["sides.and_one"], axis=0),
    ]
    for stored in list(graph.initializer):
        values = numpy_helper.to_array(stored)
        if _follows(np.array(values.shape), sides):
            graph.initializer.remove(stored)
            nodes += _constant_picture(graph, stored.name, values, sides)
        elif stored.data_type == TensorProto.INT64 and _follows(values, sides):
            graph.initializer.remove(stored)
            nodes += _products(graph, stored.name, values, sides)
    _store(graph, "sides.one", np.array([1]))
    kept = list(graph.node)
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes + kept)
    for port in (*graph.input, *graph.output):
        for name, dim in zip(SIDES, port.type.tensor_type.shape.dim, strict=False):
            dim.dim_param = name


def _follows(numbers: NDArray[np.generic], sides: Sides) -> bool:
    return any(value and value % prime == 0 for value in numbers.reshape(-1).tolist() for prime in sides.primes)


def _products(graph: onnx.GraphProto, name: str, values: NDArray[np.generic], sides: Sides) -> list[NodeProto]:
    """Nodes that make a tensor of this name: of (N, H, W, 1), one for each number, times a, divided by b."""
    which, times, parts = [], [], []
    for value in values.reshape(-1).tolist():
        places = [place for place, prime in enumerate(sides.primes) if value and value % prime == 0]
        if len(places) > 1:
            raise EngineError(
                f"{name}: {value} follows {' and '.join(SIDES[p] for p in places)}: expected one side"
            )
        side = sides.lengths[places[0]] if places else 1
        divisor = int(np.gcd(value, side)) if places else 1
        which.append(places[0] if places else len(SIDES))
        times.append(value // divisor)
        parts.append(side // divisor)
    for suffix, column in (("which", which), ("times", times), ("parts", parts)):
        _store(graph, f"{name}.{suffix}", np.array(column).reshape(values.shape))
    return [
        helper.make_node("Gather", ["sides.and_one", f"{name}.which"], [f"{name}.side"]),
        helper.make_node("Mul", [f"{name}.side", f"{name}.times"], [f"{name}.multiple"]),
        helper.make_node("Div", [f"{name}.multiple", f"{name}.parts"], [name]),
    ]


def _constant_picture(
    graph: onnx.GraphProto, name: str, values: NDArray[np.generic], sides: Sides
) -> list[NodeProto]:
    if (values != values.flat[0]).any():
        raise EngineError(
            f"{name}: a picture of {values.shape} inside the graph: expected nothing of the input's size"
        )
    _store(graph, f"{name}.value", values.reshape(-1)[:1])
    shape = _products(graph, f"{name}.shape", np.array(values.shape), sides)
    return [*shape, helper.make_node("Expand", [f"{name}.value", f"{name}.shape"], [name])]


def _store(graph: onnx.GraphProto, name: str, values: NDArray[np.generic]) -> None:
    graph.initializer.append(numpy_helper.from_array(values, name))
