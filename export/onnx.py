"""The traced graph as ONNX, its weights stored as fp16."""

import logging
import warnings

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.export import ExportedProgram

from . import sizes

OPSET = 20
SMALLEST_STORED_AS_FP16 = 256
"""Elements; smaller tensors (biases, shapes) stay as they are."""


def to_onnx(program: ExportedProgram, sides: sizes.Sides) -> onnx.ModelProto:
    """Convert, simplify, free the sides that the program was traced at, and check.

    Returns:
        A model whose inputs are `visible` and `infrared`, outputs `fused` and `labels`, all uint8.
    """
    for chatty in ("torch.onnx", "onnx_ir", "onnxscript"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The exporter calls deprecated parts of PyTorch itself; its users can't do anything about that.
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        converted = torch.onnx.export(
            program,
            dynamo=True,
            opset_version=OPSET,
            input_names=["visible", "infrared"],
            output_names=["fused", "labels"],
            optimize=True,
            verbose=False,
        )
    assert converted is not None
    model: onnx.ModelProto = converted.model_proto
    _strip(model)
    sizes.free(model, sides)
    store_as_fp16(model)
    onnx.checker.check_model(model, full_check=True)
    return model


def store_as_fp16(model: onnx.ModelProto) -> None:
    """Store large fp32 weights as fp16 behind a Cast that runtimes fold at load; arithmetic stays fp32.

    Those beyond the range of fp16 stay as they are.
    """
    casts = []
    for stored in model.graph.initializer:
        if stored.data_type != onnx.TensorProto.FLOAT or np.prod(stored.dims) < SMALLEST_STORED_AS_FP16:
            continue
        values, name = numpy_helper.to_array(stored), stored.name
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        stored.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.fp16"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.fp16"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _strip(model: onnx.ModelProto) -> None:
    """Drop what the exporter says about itself: source lines and paths of the machine it ran on."""
    del model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.input, *model.graph.output):
        del value.metadata_props[:]
        value.doc_string = ""
    for weights in model.graph.initializer:
        del weights.metadata_props[:]
        weights.doc_string = ""
