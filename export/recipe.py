"""From what is asked to the artifacts, step by step; each is written as soon as it has passed its gate."""

from collections.abc import Callable, Iterator
from pathlib import Path

from cmdfc.engine import TorchEngine
from cmdfc.model import build
from irvis.engine import Artifact, open_engine
from irvis.engine.artifact import open_artifact
from irvis.engine.tensorrt_build import build as compile_tensorrt
from irvis.settings import EngineSettings

from . import artifact, openvino, torch_tensorrt
from .artifact import Check
from .pairs import SYNTHETIC_SIZE, to_calibrate, to_compare
from .plan import Request

Tell = Callable[[str], object]
"""Takes what is being done, for a progress bar."""


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
    if request.is_checkpoint:
        yield from _from_checkpoint(request, tell)
        return
    opened = open_artifact(request.source, ("onnx",))
    title = request.name or opened.manifest.name
    manifest = opened.manifest.model_copy(update={"name": title})
    parent = opened._replace(path=request.out / f"{title}.onnx", manifest=manifest)
    tell("drawing pairs to compare on")
    reference = open_engine(EngineSettings(artifact=request.source, kind="onnx"), SYNTHETIC_SIZE)
    yield _child(request, parent, Check(reference, to_compare(request.pairs), request.allow_loss), tell)


def _from_checkpoint(request: Request, tell: Tell) -> Iterator[Artifact]:
    path = Path(request.source)
    model = build(path, request.segmentation)
    title = request.name or path.resolve().parent.name
    tell("drawing pairs to compare on")
    check = Check(TorchEngine(model, title), to_compare(request.pairs), request.allow_loss)
    if request.to == "torch-tensorrt":
        assert request.plan is not None
        tell(f"compiling the network in {request.precision}")
        program = torch_tensorrt.compile_network(model, title, request.plan, request.out)
        tell("comparing the program with the network")
        yield artifact.write(program, request.precision, check)
        return
    tell("tracing the network")
    traced = artifact.from_network(model, title, request.out)
    tell("comparing ONNX with the network")
    parent = artifact.write(traced, "fp32", check)
    yield parent
    if not request.is_plain_onnx:
        yield _child(request, parent, check, tell)


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
