"""Which layer of a graph in another precision differs most from the same layer in fp32."""

import numpy as np

from cmdfc.data.pairs import Pair
from irvis.engine import Artifact
from irvis.engine.precision import in_precision
from irvis.frame import Pixels

NARROW = ".narrow"


def worst_layer(parent: Artifact, precision: str, pair: Pair) -> str | None:
    """The convolution that gives the first infinite value, or else the largest error for its size.

    Only for fp16: no runtime for processors computes single layers of the other precisions.

    Args:
        parent: ONNX, fp32.
        precision: Of the graph that disagrees.
        pair: On which; its sides are multiples of the network's.

    Returns:
        The layer's name and what is wrong with it; None for other precisions.
    """
    if precision != "fp16":
        return None
    exact, layers = _convolutions(parent.data, pair)
    rough, _ = _convolutions(in_precision(parent.data, "fp16"), pair)
    errors = {}
    for name, values in exact.items():
        got = rough[name].astype(np.float64)
        if not np.isfinite(got).all():
            return f"{layers[name]} (beyond the range of fp16: its values reach {np.abs(values).max():.3g})"
        errors[name] = float(np.sqrt(np.mean((got - values) ** 2)) / (np.std(values) + 1e-12))
    worst = max(errors, key=lambda name: errors[name])
    return f"{layers[worst]} (its error is {errors[worst]:.1%} of its spread)"


def _convolutions(graph: bytes, pair: Pair) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """What each convolution gives, and the name of its weights."""
    import onnx
    import onnxruntime

    model = onnx.load_from_string(graph)
    layers = {node.output[0]: node.input[1] for node in model.graph.node if node.op_type == "Conv"}
    inferred = onnx.shape_inference.infer_shapes(model)
    types: dict[str, onnx.ValueInfoProto] = {value.name: value for value in inferred.graph.value_info}
    model.graph.output.extend(types[name] for name in layers)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    inputs: dict[str, Pixels] = {"visible": pair.visible[None], "infrared": pair.infrared[None]}
    values = session.run(list(layers), inputs)
    plain = [name.removesuffix(NARROW) for name in layers]
    names = [weights.removesuffix(NARROW).removesuffix(".weight") for weights in layers.values()]
    return dict(zip(plain, values, strict=True)), dict(zip(plain, names, strict=True))
