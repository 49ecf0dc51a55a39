"""A folder of images, in the order of their names, or one image."""

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from irvis.clock import NS_PER_S
from irvis.errors import SourceError
from irvis.frame import Modality
from irvis.log import Limiter
from irvis.settings import FolderSource

from .base import Image, Source
from .counts import CountsReader

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})

log = logging.getLogger(__name__)


def is_image(path: Path) -> bool:
    """Whether this is a file whose suffix says that it is an image."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def list_images(folder: Path) -> list[Path]:
    """The image files of a folder, sorted by name; an image file is taken for a folder of one.

    Raises:
        SourceError: The folder is missing or has no images.
    """
    if is_image(folder):
        return [folder]
    expected = f"expected a folder with images ({' '.join(sorted(SUFFIXES))})"
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as exc:
        raise SourceError(f"{folder}: {exc.strerror}; {expected}, check the path") from exc
    if not found:
        raise SourceError(f"{folder}: no image in it; {expected}")
    return found


class ImageFolder(Source):
    """The images of a folder at an even rate; their sizes may change from one to the next.

    An image that can't be read is counted as `undecodable`, a visible one of more than 8 bits as `not_8_bit`; both
    leave a gap in time, so that the others keep their stamps. Infrared images of 16 bits are counts.

    Args:
        settings: The folder, its rate, and whether to begin again at its end.
        modality: Which camera the images are from; colour infrared becomes gray.

    Raises:
        SourceError: The folder is missing or empty, or none of its images can be used.
    """

    def __init__(self, settings: FolderSource, modality: Modality) -> None:
        super().__init__(modality)
        self._paths = list_images(settings.path)
        self._limiter = Limiter()
        self._counts = CountsReader(settings.thermal)
        self.length = None if settings.loop else len(self._paths)
        self._images = self._play(settings.fps, settings.loop)
        self._first: Image | None = next(self._images, None)
        if self._first is None:
            raise SourceError(
                f"{settings.path}: none of its {len(self._paths)} images can be used ({dict(self.dropped)}); "
                "expected 8-bit images, convert them or check the path"
            )

    def read(self) -> Image | None:
        """The next image that can be read; None after the last."""
        image, self._first = self._first, None
        return image or next(self._images, None)

    def close(self) -> None:
        """Forget the rest of the folder."""
        self._first, self._images = None, iter(())

    def _play(self, fps: float, loop: bool) -> Iterator[Image]:
        flags = cv2.IMREAD_ANYDEPTH | (
            cv2.IMREAD_COLOR if self.modality is Modality.VISIBLE else cv2.IMREAD_GRAYSCALE
        )
        given = 0
        for index in itertools.count():
            at_start = index % len(self._paths) == 0
            if at_start and index and not (loop and given):
                return
            media_ns = round(index * NS_PER_S / fps)
            if self._is_behind(media_ns):
                continue
            path = self._paths[index % len(self._paths)]
            pixels = _read(path, flags)
            if pixels is None:
                self._lose(path, "undecodable")
            elif pixels.dtype == np.uint16 and self.modality is Modality.INFRARED:
                given += 1
                yield self._counts.read(pixels, media_ns, name=path.stem)
            elif pixels.dtype != np.uint8:
                self._lose(path, "not_8_bit")
            else:
                given += 1
                yield Image(pixels.astype(np.uint8, copy=False), media_ns, name=path.stem)

    def _lose(self, path: Path, reason: str) -> None:
        self.dropped[reason] += 1
        if self._limiter.allows(reason):
            log.warning("%s: left out, %s (%d so far)", path, reason, self.dropped[reason])


def _read(path: Path, flags: int) -> np.ndarray | None:
    # From memory: cv2.imread prints its own warnings, and can't open every path that Python can.
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        return cv2.imdecode(data, flags) if len(data) else None
    except (OSError, cv2.error):
        return None
