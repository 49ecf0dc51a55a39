"""What can be scored on a pair: networks, pictures that others have saved, and outputs that need no network."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import torch

from irvis.engine import Engine
from irvis.errors import DataError
from irvis.frame import Pixels

from .data.pairs import SUFFIXES, Pair, PairFolder
from .metrics import TRIVIAL
from .segmentation import CLASSES, Segmenter, label_map

Fuse = Callable[[Pair], tuple[Pixels, Pixels | None]]
"""A pair to a fused picture (H, W, 3) BGR uint8 and, where there are any, labels (H, W) uint8."""
Segment = Callable[[Pixels], Pixels]
"""A picture (H, W, 3) BGR uint8 to labels (H, W) uint8."""


class Role(StrEnum):
    """Why an output is in the tables."""

    SUBJECT = "subject"
    """It is what the evaluation is about."""
    OTHER = "other"
    """Somebody else's result."""
    TRIVIAL = "trivial"
    """What a network has to beat."""
    COPY = "copy"
    """One source by itself: no fusion, and by definition the best in that source's own columns."""


@dataclass(frozen=True)
class Output:
    """One way to make a picture of a pair.

    Attributes:
        name: In tables; unlike every other's.
        role: Why it is there.
        fuse: Makes the picture.
        origin: Where it comes from, in one line.
        classes: Names of its label ids; empty where it gives no labels.
    """

    name: str
    role: Role
    fuse: Fuse
    origin: str
    classes: tuple[str, ...] = ()


def network(engine: Engine, name: str, segments: bool) -> Output:
    """What an engine makes.

    Args:
        engine: Loaded.
        name: In tables.
        segments: Whether its labels mean something; a graph without a segmenter labels everything 0.
    """
    classes = tuple(engine.manifest.classes) if segments else ()

    def fuse(pair: Pair) -> tuple[Pixels, Pixels | None]:
        fused, labels = engine.fuse(pair.visible, pair.infrared)
        return fused, labels if classes else None

    return Output(name, Role.SUBJECT, fuse, engine.fingerprint, classes)


def trivial(segment: Segment | None) -> list[Output]:
    """What needs no network: each source by itself, their mean, the brighter pixel."""

    def output(name: str, function: Callable[[Pixels, Pixels], Pixels]) -> Output:
        role = Role.COPY if name.startswith("copy") else Role.TRIVIAL
        return _segmented(name, role, lambda pair: function(pair.infrared, pair.visible), "no network", segment)

    return [output(name, function) for name, function in TRIVIAL.items()]


def saved(folder: Path, name: str, pairs: PairFolder, segment: Segment | None) -> Output:
    """Pictures that somebody else has fused and saved, matched to the pairs by stem.

    Every picture is read once here, so that a bad one is found before the first pair is scored.

    Args:
        folder: Holds an 8-bit picture of each pair, of the pair's size, in colour or gray.
        name: In tables.
        pairs: What they were made from.
        segment: Labels them; without it they have no mIoU.

    Raises:
        DataError: The folder is missing, pictures are, a stem is there twice, or a picture has another size.
    """
    files = _files_by_stem(folder, pairs)

    def read(pair: Pair) -> Pixels:
        path = files[pair.name]
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise DataError(f"{path}: can't be decoded; expected the fused picture of {pair.name}")
        if picture.shape != pair.visible.shape:
            got, wanted = (f"{width}x{height}" for height, width in (picture.shape[:2], pair.visible.shape[:2]))
            raise DataError(
                f"{path}: {got}, but its pair is {wanted}; metrics compare pixel by pixel, "
                "so save the pictures at the size of their sources"
            )
        return picture.astype(np.uint8, copy=False)

    for index in range(len(pairs)):
        read(pairs[index])
    return _segmented(name, Role.OTHER, read, str(folder), segment)


@torch.inference_mode()
def segment_with(segmenter: Segmenter, picture: Pixels) -> Pixels:
    """Label a picture of any size, (H, W, 3) BGR uint8, as (H, W) uint8."""
    height, width = picture.shape[:2]
    multiple = segmenter.size_multiple
    padded = cv2.copyMakeBorder(picture, 0, -height % multiple, 0, -width % multiple, cv2.BORDER_REFLECT_101)
    scores, _ = segmenter(torch.from_numpy(padded).permute(2, 0, 1)[None].float())
    return np.asarray(label_map(scores)[0, :height, :width].numpy())


def _segmented(
    name: str, role: Role, make: Callable[[Pair], Pixels], origin: str, segment: Segment | None
) -> Output:
    def fuse(pair: Pair) -> tuple[Pixels, Pixels | None]:
        picture = make(pair)
        return picture, segment(picture) if segment else None

    return Output(name, role, fuse, origin, CLASSES if segment else ())


def _files_by_stem(folder: Path, pairs: PairFolder) -> dict[str, Path]:
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected one fused picture per pair, named like the pair")
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES:
            if path.stem in files:
                raise DataError(f"{path}: {files[path.stem].name} is there too; expected one picture per pair")
            files[path.stem] = path
    missing = [name for name in pairs.names if name not in files]
    if missing:
        raise DataError(
            f"{folder}: no picture named {missing[0]} ({len(missing)} of {len(pairs)} pairs have none); "
            "leave those pairs out with --list, or add their pictures"
        )
    return files
