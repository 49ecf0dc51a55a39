"""Pairs of pictures in folders: which belong together, read as they come."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from irvis.errors import DataError
from irvis.frame import Modality, Pixels

from .boards.looks import as_8_bit

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
FOLDERS = {
    Modality.INFRARED: ("ir", "infrared", "thermal", "lwir"),
    Modality.VISIBLE: ("vi", "vis", "visible", "rgb", "color"),
}
LAYOUT = "expected folders ir/ and vi/ with files of the same names, or --infrared '*_0.png' --visible '*_1.png'"


@dataclass(frozen=True)
class PairFiles:
    """One pair: its name and its two files."""

    name: str
    visible: Path
    infrared: Path


def list_pairs(folder: Path, visible: str | None = None, infrared: str | None = None) -> list[PairFiles]:
    """The pairs of a folder, by name.

    Args:
        folder: With ir/ and vi/, or with everything side by side.
        visible: Pattern with one star: the visible files; the star's part is the pair's name.
        infrared: The same of the infrared files.

    Raises:
        DataError: Nothing pairs.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; {LAYOUT}")
    if (visible is None) != (infrared is None):
        raise DataError("--visible and --infrared come together: a pattern for each camera's files")
    vis_files = _matching(folder, visible) if visible else _in_folder(folder, Modality.VISIBLE)
    ir_files = _matching(folder, infrared) if infrared else _in_folder(folder, Modality.INFRARED)
    both = sorted(vis_files.keys() & ir_files.keys(), key=lambda name: (len(name), name))
    if not both:
        raise DataError(
            f"{folder}: {len(vis_files)} visible and {len(ir_files)} infrared pictures, none of one name; {LAYOUT}"
        )
    return [PairFiles(name, vis_files[name], ir_files[name]) for name in both]


def read_picture(path: Path) -> Pixels:
    """A picture as it came, (H, W) or (H, W, 3) BGR; more than 8 bits are stretched to 8.

    Raises:
        DataError: It can't be decoded.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR) if len(data) else None
    except (OSError, cv2.error) as exc:
        raise DataError(f"{path}: can't be read ({exc})") from exc
    if picture is None:
        raise DataError(f"{path}: can't be decoded; expected PNG, JPEG, WebP, BMP or TIFF")
    return as_8_bit(picture)


def gray(picture: Pixels) -> Pixels:
    """(H, W) of a picture with or without colours."""
    return picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def one_size(sizes: dict[str, tuple[int, int]], camera: str) -> tuple[int, int]:
    """The width and height [px] that all pictures of a camera have.

    Raises:
        DataError: They differ.
    """
    often = Counter(sizes.values()).most_common()
    usual = often[0][0]
    others = [name for name, size in sizes.items() if size != usual]
    if others:
        shown = ", ".join(f"{name} {sizes[name][0]}x{sizes[name][1]}" for name in others[:5])
        raise DataError(
            f"{camera} pictures of mixed sizes: most are {usual[0]}x{usual[1]}, but {shown}"
            f"{' and more' if len(others) > 5 else ''}; expected one camera at one mode: take the others out"
        )
    return usual


def _in_folder(folder: Path, modality: Modality) -> dict[str, Path]:
    for name in FOLDERS[modality]:
        if (folder / name).is_dir():
            return {path.stem: path for path in sorted((folder / name).iterdir()) if _is_picture(path)}
    raise DataError(f"{folder}: no folder {' or '.join(FOLDERS[modality])} in it; {LAYOUT}")


def _matching(folder: Path, pattern: str) -> dict[str, Path]:
    before, star, after = Path(pattern).name.partition("*")
    if not star or "*" in after:
        raise DataError(f"{pattern}: expected one star that stands for the pair's name, like '*_0.png'")
    found = {path.name[len(before) : len(path.name) - len(after)]: path for path in folder.glob(pattern)}
    return {name: path for name, path in found.items() if _is_picture(path)}


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES
