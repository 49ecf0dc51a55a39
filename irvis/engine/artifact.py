"""Finding an artifact by the name it ships under or by path, and holding its graph to the contract."""

from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from ..errors import ConfigError, EngineError
from .manifest import Artifact, read_artifact

SUFFIX = ".onnx"
KINDS = ("onnx", "openvino", "tensorrt", "torch_tensorrt")
"""Formats of artifacts."""
CHECKPOINTS = (".pt", ".pth")


class Port(NamedTuple):
    """One input or output of a loaded graph: its element type, and the sides that are fixed (None: any)."""

    dtype: str
    shape: tuple[int | None, ...]


INPUTS = {"visible": Port("uint8", (None, None, None, 3)), "infrared": Port("uint8", (None, None, None))}
OUTPUTS = {"fused": Port("uint8", (None, None, None, 3)), "labels": Port("uint8", (None, None, None))}


def is_checkpoint(name: str) -> bool:
    """Whether this names what `irvis train` writes, and no artifact."""
    return name.endswith(CHECKPOINTS)


def models_folder() -> Path:
    """Where the exports that ship with irvis are."""
    return Path(str(files("irvis") / "models"))


def shipped() -> list[str]:
    """Names of the exports that ship, in order."""
    return sorted(path.stem for path in models_folder().glob(f"*{SUFFIX}"))


def find_artifact(name: str) -> Path:
    """The file of an artifact.

    Args:
        name: A shipped artifact's name (`cmdfc-nano`) or the path of an artifact (.onnx, .xml, .engine, .pt2).

    Raises:
        ConfigError: Nothing has this name.
    """
    by_name = models_folder() / f"{name}{SUFFIX}"
    if "/" not in name and by_name.is_file():
        return by_name
    by_path = Path(name).expanduser()
    if by_path.is_file():
        return by_path
    raise ConfigError(
        f"artifact {name}: no such file, and none ships under this name; expected the path of an artifact or "
        f"one of: {', '.join(shipped()) or '(none ship)'}"
    )


def open_artifact(name: str, kinds: tuple[str, ...] = KINDS) -> Artifact:
    """Find an artifact and check it against its manifest, before any runtime sees it.

    Args:
        name: As `find_artifact` takes it.
        kinds: Formats that will do.

    Raises:
        ConfigError: Nothing has this name.
        EngineError: The manifest is missing, or disagrees with the file; or the artifact is of another kind.
    """
    artifact = read_artifact(find_artifact(name))
    kind = artifact.manifest.kind
    if kind not in kinds:
        advice = (
            f"set engine.kind={kind}, or run `irvis export` again" if kind in KINDS else "run `irvis export` again"
        )
        raise EngineError(f"{artifact.path}: an artifact of kind {kind}; expected {' or '.join(kinds)}: {advice}")
    return artifact


def check_ports(path: Path, inputs: dict[str, Port], outputs: dict[str, Port]) -> None:
    """Hold a loaded graph to the contract that every artifact keeps.

    Raises:
        EngineError: A port is missing, or has another type or shape.
    """
    for direction, expected, got in (("input", INPUTS, inputs), ("output", OUTPUTS, outputs)):
        wrong = [name for name, port in expected.items() if name not in got or not _fits(got[name], port)]
        if wrong or len(got) != len(expected):
            raise EngineError(
                f"{path}: {direction}s {_describe(got)}; expected {_describe(expected)}: not a graph of irvis, "
                "run `irvis export` to make one"
            )


def _fits(got: Port, expected: Port) -> bool:
    return (
        got.dtype == expected.dtype
        and len(got.shape) == len(expected.shape)
        and all(side in (None, wanted) for side, wanted in zip(got.shape, expected.shape, strict=True))
    )


def _describe(ports: dict[str, Port]) -> str:
    shown = [
        f"{name} {port.dtype} [{', '.join('?' if side is None else str(side) for side in port.shape)}]"
        for name, port in ports.items()
    ]
    return ", ".join(shown) or "(none)"
