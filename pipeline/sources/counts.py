"""Reads what a 16-bit thermal camera gives: telemetry rows, dead pixels, counts and their brightness."""

import numpy as np

from irvis.errors import SourceError
from irvis.frame import Counts
from irvis.telemetry import split
from irvis.thermal import Agc, DeadPixels, Thermal

from .base import Image

LONGEST_GAP = 1000
"""Numbers that are further apart are no gap: the camera has begun to count again."""


class NumberWatch:
    """Finds by a camera's own numbers what it took and never gave.

    Cameras that give only some of what they take number all of it: the smallest step so far counts as one picture.

    Example:
        >>> watch = NumberWatch()
        >>> [watch.lost(number) for number in (3, 6, 9, 18, 18, 21, 0, 3)]
        [0, 0, 0, 2, 0, 0, 0, 0]
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._step = LONGEST_GAP

    def lost(self, number: int) -> int:
        """How many pictures are missing between the last one and this."""
        gap = 0 if self._last is None else number - self._last
        self._last = number
        if not 0 < gap <= LONGEST_GAP:
            return 0
        self._step = min(self._step, gap)
        return gap // self._step - 1


class CountsReader:
    """Turns one camera's 16-bit pictures into images.

    Args:
        settings: The camera's `thermal` section.

    Attributes:
        lost: Pictures that the camera numbered in its telemetry and that never came.

    Raises:
        ConfigError: The mask of dead pixels can't be read.
    """

    def __init__(self, settings: Thermal) -> None:
        self._settings = settings
        self._agc = Agc(settings)
        self._dead = DeadPixels(settings.dead_pixels)
        self._numbers = NumberWatch()
        self.lost = 0

    def read(
        self, raw: np.ndarray, media_ns: int | None = None, stamp_ns: int | None = None, name: str | None = None
    ) -> Image:
        """One picture.

        Args:
            raw: (H, W) uint16.
            media_ns: See `Image`.
            stamp_ns: See `Image`.
            name: See `Image`.

        Raises:
            SourceError: It has no room for the telemetry rows.
            ConfigError: The mask of dead pixels has another size.
        """
        picture, said = split(
            np.asarray(raw, np.uint16), self._settings.telemetry, self._settings.telemetry_footer
        )
        counts = self._dead.replace(np.ascontiguousarray(picture))
        pixels = self._agc.map(counts, stamp_ns if media_ns is None and stamp_ns is not None else media_ns or 0)
        self.lost += self._numbers.lost(said.frame_number) if said else 0
        shutter = said is not None and said.shutter
        return Image(pixels, media_ns, stamp_ns, name, shutter=shutter, counts=counts)


def as_counts(raw: np.ndarray, size: tuple[int, int]) -> Counts:
    """The (H, W) uint16 picture in what OpenCV hands over: rows of 16 bits, or of bytes, or all in one row.

    Args:
        raw: As it came.
        size: Width and height [px] that the device says it gives.

    Raises:
        SourceError: It is not 16 bits a pixel.
    """
    words = np.ascontiguousarray(raw).view(np.uint16).ravel() if raw.dtype == np.uint8 else raw.ravel()
    if words.dtype != np.uint16 or words.size != size[0] * size[1]:
        raise SourceError(
            f"picture of {raw.size * raw.itemsize} bytes for {size[0]}x{size[1]} pixels: expected 16 bits each; "
            "set pixel_format to what the camera gives"
        )
    return words.reshape(size[1], size[0])
