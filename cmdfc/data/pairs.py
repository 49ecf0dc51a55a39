"""Folders of aligned infrared and visible images, in this project's layout or MSRS's authors' own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from irvis.errors import DataError
from irvis.frame import Pixels

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
INFRARED_NAMES = ("ir", "IR", "infrared", "Inf")
VISIBLE_NAMES = ("vi", "VI", "vis", "visible", "Vis")
LABEL_NAMES = ("labels", "Segmentation_labels", "label", "Label")


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One aligned pair.

    Attributes:
        name: The stem that its files share.
        visible: (H, W, 3) BGR uint8.
        infrared: (H, W) uint8.
        labels: (H, W) uint8 class ids; None where the folder has none.
    """

    name: str
    visible: Pixels
    infrared: Pixels
    labels: Pixels | None


class PairFolder:
    """The pairs of a folder, in the order of their names.

    Args:
        root: Holds a folder of infrared and one of visible images whose stems agree, and perhaps one of labels.
        names: Take only these stems; all without.

    Raises:
        DataError: A folder is missing or empty, a stem has no counterpart, or a wanted name is not there.
    """

    def __init__(self, root: Path, names: list[str] | None = None) -> None:
        self.root = root
        self._infrared = _images(_subfolder(root, INFRARED_NAMES))
        self._visible = _images(_subfolder(root, VISIBLE_NAMES))
        labels = next((root / name for name in LABEL_NAMES if (root / name).is_dir()), None)
        self._labels = _images(labels) if labels else {}
        alone = sorted(self._infrared.keys() ^ self._visible.keys())
        if alone:
            raise DataError(f"{root}: {len(alone)} images without a counterpart, the first is {alone[0]}")
        self.names = sorted(self._visible)
        if names is not None:
            missing = sorted(set(names) - set(self.names))
            if missing:
                raise DataError(f"{root}: no pair named {missing[0]} ({len(missing)} of {len(names)} are missing)")
            self.names = sorted(set(names))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def has_labels(self) -> bool:
        """Whether every pair has labels."""
        return all(name in self._labels for name in self.names)

    def __iter__(self) -> Iterator[Pair]:
        """Read all pairs."""
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Pair:
        """Read one pair.

        Raises:
            DataError: A file can't be decoded, or sizes within the pair disagree.
        """
        name = self.names[index]
        visible = _read(self._visible[name], cv2.IMREAD_COLOR)
        infrared = _read(self._infrared[name], cv2.IMREAD_GRAYSCALE)
        labels = _read(self._labels[name], cv2.IMREAD_UNCHANGED) if name in self._labels else None
        for path, image in ((self._infrared[name], infrared), (self._labels.get(name), labels)):
            if image is not None and image.shape != visible.shape[:2]:
                raise DataError(f"{path}: {image.shape}, but its visible image is {visible.shape[:2]}")
        return Pair(name, visible, infrared, labels)


def _subfolder(root: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (root / name).is_dir():
            return root / name
    raise DataError(f"{root}: expected a folder named {' or '.join(names)} in it")


def _images(folder: Path) -> dict[str, Path]:
    images = {path.stem: path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES}
    if not images:
        raise DataError(f"{folder}: no images; expected {', '.join(sorted(SUFFIXES))} files")
    return images


def _read(path: Path, flag: int) -> Pixels:
    image = cv2.imread(str(path), flag)
    if image is None or image.dtype != np.uint8:
        raise DataError(f"{path}: can't be decoded as an 8-bit image")
    return image.astype(np.uint8, copy=False)
