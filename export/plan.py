"""What the command line asks of an export, checked before anything is traced."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from irvis.config import parse_size
from irvis.engine.artifact import is_checkpoint
from irvis.engine.shapes import Shapes, Size, text
from irvis.engine.tensorrt_library import Library
from irvis.engine.tensorrt_plan import BuildPlan
from irvis.errors import ConfigError

Kind = Literal["onnx", "openvino", "tensorrt", "tensorrt-rtx", "torch-tensorrt"]
Precision = Literal["fp32", "fp16", "bf16", "int8"]
PRECISIONS: dict[Kind, tuple[Precision, ...]] = {
    "onnx": ("fp32", "fp16"),
    "openvino": ("fp32", "bf16", "int8"),
    "tensorrt": ("fp16", "fp32", "bf16"),
    "tensorrt-rtx": ("fp16", "fp32", "bf16"),
    "torch-tensorrt": ("fp16", "fp32", "bf16"),
}
"""What each format can be in; the first is the default."""
COMPILED: dict[Kind, Library] = {
    "tensorrt": "tensorrt",
    "tensorrt-rtx": "tensorrt_rtx",
    "torch-tensorrt": "torch_tensorrt",
}
"""Formats that a library compiles for one kind of GPU."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of `irvis export`.

    Attributes:
        source: A checkpoint, a shipped artifact's name, or the path of an ONNX artifact.
        to: The format.
        precision: Its arithmetic.
        out: Folder for what is made.
        name: What to call it; the source's own name without.
        segmentation: Checkpoint or ONNX artifact whose segmenter to take; the source's own without.
        pairs: Folder of pairs to compare on and to calibrate with; synthetic ones without.
        plan: For a library that compiles; None for the other formats.
        allow_loss: Write what disagrees, too.
    """

    source: str
    to: Kind
    precision: Precision
    out: Path
    name: str | None = None
    segmentation: str | None = None
    pairs: Path | None = None
    plan: BuildPlan | None = None
    allow_loss: bool = False

    def __post_init__(self) -> None:
        """Hold the source against what it is to become.

        Raises:
            ConfigError: The one can't become the other.
        """
        for given in filter(None, (self.source, self.segmentation)):
            if self.to == "torch-tensorrt" and not is_checkpoint(given):
                raise ConfigError(f"{given} is an artifact: torch-tensorrt takes the network's checkpoint (.pt)")
        if self.is_plain_onnx and not self.from_checkpoint and not self.segmentation:
            raise ConfigError(f"{self.source} is an fp32 ONNX artifact already: say --to or --precision")

    @property
    def size(self) -> Size | None:
        """Width and height that it is compiled for [px]; None where every size will do."""
        return self.plan.shapes.usual if self.plan else None

    @property
    def from_checkpoint(self) -> bool:
        """Whether the source is a network, and not an artifact."""
        return is_checkpoint(self.source)

    @property
    def joins_graphs(self) -> bool:
        """Whether fusion and segmenter meet as graphs; two checkpoints meet as networks, in PyTorch."""
        return self.segmentation is not None and not (self.from_checkpoint and is_checkpoint(self.segmentation))

    @property
    def is_plain_onnx(self) -> bool:
        """Whether ONNX in fp32 is asked for, which every other format but torch-tensorrt is made from."""
        return (self.to, self.precision) == ("onnx", "fp32")


def precision_of(to: Kind, asked: Precision | None) -> Precision:
    """The precision to export in.

    Raises:
        ConfigError: The format can't be in it.
    """
    offered = PRECISIONS[to]
    if asked is not None and asked not in offered:
        raise ConfigError(f"--precision {asked}: {to} artifacts are {', '.join(offered)}")
    return asked or offered[0]


def plan_of(
    to: Kind,
    precision: Precision,
    shapes: Shapes,
    device: str | None,
    *,
    version_compatible: bool,
) -> BuildPlan | None:
    """What the library of a compiled format is asked for; None for other formats.

    Raises:
        ConfigError: An option is not for this format.
    """
    if to not in COMPILED:
        if device:
            raise ConfigError(f"--device {device}: {to} artifacts run on every processor; leave it out")
        if version_compatible:
            raise ConfigError(f"--version-compatible: {to} artifacts depend on no version; leave it out")
        return None
    if device and to == "torch-tensorrt":
        raise ConfigError(f"--device {device}: torch-tensorrt compiles for the GPU at hand only; leave it out")
    assert precision != "int8"  # not among theirs in PRECISIONS
    devices = tuple(name.strip().lower() for name in device.split(",")) if device else ()
    return BuildPlan(COMPILED[to], precision, devices, shapes, version_compatible=version_compatible)


def shapes_of(to: Kind, size: str | None, dynamic: str | None, batch: str | None) -> Shapes:
    """The sizes and batches to compile for.

    Raises:
        ConfigError: One of them is not as people write it, or the format takes every size and batch by itself.
    """
    given = [name for name, value in (("size", size), ("dynamic", dynamic), ("batch", batch)) if value]
    if given and to not in COMPILED:
        raise ConfigError(f"--{given[0]}: {to} artifacts take every size and batch; leave it out")
    if to == "torch-tensorrt" and (dynamic or ":" in (batch or "")):
        raise ConfigError("torch-tensorrt compiles for one size and batch: leave --dynamic out, give --batch as 4")
    usual = parse_size(size or "640x480")
    smallest = largest = usual
    if dynamic:
        low, colon, high = dynamic.partition(":")
        if not colon:
            raise ConfigError(f"--dynamic {dynamic}: expected SMALLEST:LARGEST, for example 320x240:1920x1080")
        smallest, largest = parse_size(low), parse_size(high)
    if not all(a <= b <= c for a, b, c in zip(smallest, usual, largest, strict=True)):
        raise ConfigError(f"--dynamic {dynamic}: --size {text(usual)} is not between the two")
    least, _, most = (batch or "1").partition(":")
    if not (least.isdecimal() and (most or least).isdecimal() and 0 < int(least) <= int(most or least)):
        raise ConfigError(f"--batch {batch}: expected a number or LEAST:MOST, for example 1:8")
    return Shapes(smallest=smallest, usual=usual, largest=largest, batch=(int(least), int(most or least)))
