"""What is checked of a compiled artifact before native code sees its bytes, and the command that rebuilds it."""

from typing import Any

from ..errors import EngineError
from .artifact import check_ports
from .manifest import Artifact, Target
from .shapes import text
from .tensorrt_library import EXTRAS, port_of

LIBRARIES = {"tensorrt": ("tensorrt", "tensorrt_rtx"), "torch_tensorrt": ("torch_tensorrt",)}
"""Kind of artifact -> the libraries that make it."""
_MALFORMED = "MALFORMED_ENGINE"


def target_of(artifact: Artifact) -> Target:
    """What a compiled artifact was built for.

    Raises:
        EngineError: The manifest doesn't say, or says what can't be of this kind.
    """
    target = artifact.manifest.target
    if target is None or target.library not in LIBRARIES.get(artifact.manifest.kind, ()):
        raise EngineError(f"{artifact.path}: its manifest names no TensorRT library; run `irvis export` again")
    return target


def check_precision(artifact: Artifact, asked: str) -> None:
    """Hold the precision that is asked for against an artifact's own.

    Raises:
        EngineError: It is neither that nor `auto`.
    """
    own = artifact.manifest.precision
    if asked not in ("auto", own):
        raise EngineError(
            f"{artifact.path}: computes in {own}, {asked} was asked for: set engine.precision=auto, or run "
            "`irvis export` for an artifact of that precision"
        )


def check_frames(artifact: Artifact, size: tuple[int, int], count: int = 1) -> None:
    """Hold frames against the sizes and batches that an artifact was built for.

    Args:
        artifact: Compiled.
        size: Width and height of the frames [px].
        count: Of them at once.

    Raises:
        EngineError: They are outside.
    """
    target = target_of(artifact)
    if not target.take(size, count, artifact.manifest.size_multiple):
        raise EngineError(
            f"{artifact.path}: built for {target}, these are {count} of {text(size)}; "
            f"{advice(artifact, size, count)}"
        )


def check_version(artifact: Artifact, installed: str) -> None:
    """Hold the library that is installed against the one that built an artifact.

    Raises:
        EngineError: It is another version, and not a later one that the artifact was built to be compatible with.
    """
    target = target_of(artifact)
    is_later = _numbers(installed) > _numbers(target.version)
    if target.version != installed and not (target.version_compatible and is_later):
        raise EngineError(
            f"{artifact.path}: built by {target.library} {target.version}, {installed} is installed; "
            f"{advice(artifact)}"
        )


def check_device(artifact: Artifact, device: str) -> None:
    """Hold the GPU at hand against those that an artifact was built for.

    Raises:
        EngineError: It is none of them.
    """
    target = target_of(artifact)
    if device not in target.devices:
        raise EngineError(
            f"{artifact.path}: built for {', '.join(target.devices)}, this GPU is {device}; {advice(artifact)}"
        )


def check_header(trt: Any, runtime: Any, artifact: Artifact) -> None:
    """Let TensorRT look at an engine's header alone; the data-centre library has no such look.

    Raises:
        EngineError: It is not an engine.
    """
    if not hasattr(runtime, "get_engine_validity"):
        return
    if len(artifact.data) <= runtime.engine_header_size:
        raise EngineError(f"{artifact.path}: {len(artifact.data)} bytes are no engine; {advice(artifact)}")
    _, diagnostics = runtime.get_engine_validity(artifact.data)
    if diagnostics & int(getattr(trt.EngineInvalidityDiagnostics, _MALFORMED)):
        raise EngineError(f"{artifact.path}: not an engine of {trt.__name__}; {advice(artifact)}")


def check_engine(trt: Any, engine: Any, artifact: Artifact) -> None:
    """Hold a loaded engine to the contract that every artifact keeps.

    Raises:
        EngineError: An input or output is missing, or has another type or shape.
    """
    names = [engine.get_tensor_name(place) for place in range(engine.num_io_tensors)]
    inputs, outputs = (
        {
            name: port_of(trt, engine.get_tensor_dtype(name), engine.get_tensor_shape(name))
            for name in names
            if engine.get_tensor_mode(name) == mode
        }
        for mode in (trt.TensorIOMode.INPUT, trt.TensorIOMode.OUTPUT)
    )
    check_ports(artifact.path, inputs, outputs)


def advice(artifact: Artifact, size: tuple[int, int] | None = None, count: int = 1) -> str:
    """The next step: the command that builds the artifact for what is here."""
    target = target_of(artifact)
    suffix = f"-{EXTRAS[target.library]}-{artifact.manifest.precision}"
    batch = f" --batch {count}" if count > 1 else ""
    has_parent = artifact.manifest.parent_sha256 is not None
    return (
        f"run `irvis export {artifact.manifest.name.removesuffix(suffix) if has_parent else 'CHECKPOINT'} "
        f"--to {EXTRAS[target.library]} --precision {artifact.manifest.precision} "
        f"--size {text(size or target.usual)}{batch}`"
    ) + (", or give engine.artifact its ONNX parent with engine.rebuild=true" if has_parent else "")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
