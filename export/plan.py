"""What the command line asks of an export, checked before anything is traced."""

from pathlib import Path
from typing import Literal, NamedTuple

from irvis.config import parse_size
from irvis.engine.tensorrt_build import BuildPlan, Library
from irvis.errors import ConfigError

Kind = Literal["onnx", "openvino", "tensorrt", "tensorrt-rtx"]
Precision = Literal["fp32", "fp16", "bf16", "int8"]
PRECISIONS: dict[Kind, tuple[Precision, ...]] = {
    "onnx": ("fp32", "fp16"),
    "openvino": ("fp32", "bf16", "int8"),
    "tensorrt": ("fp16", "fp32", "bf16"),
    "tensorrt-rtx": ("fp16", "fp32", "bf16"),
}
"""What each format can be in; the first is the default."""
COMPILED = ("tensorrt", "tensorrt-rtx")
CHECKPOINTS = (".pt", ".pth")


class Shapes(NamedTuple):
    """For which frames a compiled artifact is built: sizes as width and height [px]."""

    smallest: tuple[int, int]
    usual: tuple[int, int]
    largest: tuple[int, int]
    batch: tuple[int, int]


def precision_of(to: Kind, asked: Precision | None) -> Precision:
    """The precision to export in.

    Raises:
        ConfigError: The format can't be in it.
    """
    offered = PRECISIONS[to]
    if asked is not None and asked not in offered:
        raise ConfigError(f"--precision {asked}: {to} artifacts are {', '.join(offered)}")
    return asked or offered[0]


def shapes_of(to: Kind, size: str | None, dynamic: str | None, batch: str | None) -> Shapes:
    """The sizes and batches to compile for.

    Raises:
        ConfigError: One of them is not as people write it, or the format takes every size and batch by itself.
    """
    given = [name for name, value in (("size", size), ("dynamic", dynamic), ("batch", batch)) if value]
    if given and to not in COMPILED:
        raise ConfigError(f"--{given[0]}: {to} artifacts take every size and batch; leave it out")
    usual = parse_size(size or "640x480")
    smallest = largest = usual
    if dynamic:
        low, colon, high = dynamic.partition(":")
        if not colon:
            raise ConfigError(f"--dynamic {dynamic}: expected SMALLEST:LARGEST, for example 320x240:1920x1080")
        smallest, largest = parse_size(low), parse_size(high)
    if not all(a <= b <= c for a, b, c in zip(smallest, usual, largest, strict=True)):
        raise ConfigError(f"--dynamic {dynamic}: --size {usual[0]}x{usual[1]} is not between the two")
    least, _, most = (batch or "1").partition(":")
    if not (least.isdecimal() and (most or least).isdecimal() and 0 < int(least) <= int(most or least)):
        raise ConfigError(f"--batch {batch}: expected a number or LEAST:MOST, for example 1:8")
    return Shapes(smallest, usual, largest, (int(least), int(most or least)))


def build_plan(to: Kind, precision: Precision, shapes: Shapes, device: str | None) -> BuildPlan:
    """What TensorRT is asked for."""
    assert precision != "int8"  # not among TensorRT's in PRECISIONS
    library: Library = "tensorrt" if to == "tensorrt" else "tensorrt_rtx"
    devices = tuple(name.strip().lower() for name in device.split(",")) if device else ()
    return BuildPlan(library, precision, devices, *shapes)


def is_checkpoint(source: str) -> bool:
    """Whether what is to be exported is a network, and not an artifact's name or path."""
    return Path(source).suffix in CHECKPOINTS
