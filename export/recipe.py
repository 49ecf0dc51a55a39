"""From what is asked to the artifacts, step by step; each is written as soon as it has passed its gate."""

from collections.abc import Iterator

from cmdfc.engine import TorchEngine
from irvis.engine import Artifact
from irvis.engine.tensorrt_build import build as compile_tensorrt
from irvis.engine.tensorrt_plan import targets_of

from . import artifact, openvino, torch_tensorrt
from .artifact import Check
from .origin import Tell, network_of, origin_of
from .pairs import to_calibrate, to_compare
from .plan import Request


def make(request: Request, tell: Tell) -> Iterator[Artifact]:
    """Make what is asked for, and what that is made from.

    Yields:
        Each artifact that was written.

    Raises:
        ConfigError: No artifact has this name.
        DataError: A checkpoint or a folder of pairs can't be read.
        ParityError: What was made disagrees; it was not written.
        EngineError: It can't be made, or run to be compared.
        EngineUnavailable: A library or a GPU is missing.
    """
    if request.to == "torch-tensorrt":
        yield _program(request, tell)
        return
    if request.plan:
        targets_of(request.plan)  # what can't be compiled here is said before anything is drawn or traced
    tell("drawing pairs to compare on")
    pairs = to_compare(request.pairs, request.size)
    parent, reference, is_new = origin_of(request, tell)
    check = Check(reference, pairs, request.allow_loss)
    if is_new:
        tell("comparing ONNX with the network")
        parent = artifact.write(parent, "fp32", check)
        yield parent
    if not request.is_plain_onnx:
        yield _child(request, parent, check, tell)


def _program(request: Request, tell: Tell) -> Artifact:
    """What torch-tensorrt makes of a checkpoint."""
    assert request.plan is not None
    model, name = network_of(request)
    tell(f"compiling the network in {request.precision}")
    program = torch_tensorrt.compile_network(model, name, request.plan, request.out)
    tell("comparing the program with the network")
    pairs = to_compare(request.pairs, request.size)
    return artifact.write(program, request.precision, Check(TorchEngine(model, name), pairs, request.allow_loss))


def _child(request: Request, parent: Artifact, check: Check, tell: Tell) -> Artifact:
    """What is made from an ONNX artifact."""
    to, precision = request.to, request.precision
    tell(f"making {to} in {precision}")
    if request.plan:
        made = compile_tensorrt(parent, request.plan)
    elif to == "openvino":
        made = openvino.convert(parent, precision, to_calibrate(request.pairs) if precision == "int8" else [])
    else:
        made = artifact.in_fp16(parent)
    tell(f"comparing {to} in {precision}")
    return artifact.write(made, precision, check, parent)
