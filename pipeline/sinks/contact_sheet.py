"""A contact sheet: a few pictures from the whole of a recording, whose length nobody knows beforehand."""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from irvis.captions import Line, caption, paste, text_height_px
from irvis.clock import NS_PER_S
from irvis.colours import Tone
from irvis.errors import RecordingError
from irvis.frame import Pixels

PICTURES = 6
COLUMNS = 2
KEPT = 6 * PICTURES
LARGEST_PX = 960
"""Width to which pictures are made smaller."""
GAP_PX = 6


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A picture, made smaller, and when it is from [ns]."""

    picture: Pixels
    stamp_ns: int


class ContactSheet:
    """Chooses pictures spread evenly over a recording while it grows, and lays them out in a PNG.

    It keeps every n-th picture, made smaller; when there are too many it lets go of every other one and
    doubles n. So memory stays bounded, and what is left is spread evenly.

    Args:
        path: The PNG file.

    Attributes:
        path: The same.
        kept: Pictures kept so far, in order; few.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kept: list[Kept] = []
        self._every = 1
        self._seen = 0

    def add(self, picture: Pixels, stamp_ns: int) -> None:
        """Consider one (H, W, 3) BGR uint8 picture, taken at a time [ns]."""
        if self._seen % self._every == 0:
            self.kept.append(Kept(_smaller(picture), stamp_ns))
            if len(self.kept) > KEPT:
                self.kept = self.kept[::2]
                self._every *= 2
        self._seen += 1

    def write(self) -> bool:
        """Write the PNG; False if there was no picture.

        Raises:
            RecordingError: The file can't be written.
        """
        if not self.kept:
            return False
        sheet = _lay_out([self.kept[index] for index in spread(len(self.kept), PICTURES)])
        try:
            written = cv2.imwrite(str(self.path), sheet)
        except cv2.error as exc:
            raise RecordingError(f"{self.path}: expected a path that ends in .png; set contact_sheet") from exc
        if not written:
            raise RecordingError(f"{self.path}: can't be written; check the folder and the space left on its disk")
        return True


def spread(count: int, wanted: int) -> list[int]:
    """Indices of so many of `count` things, or of all, spread evenly and with both ends.

    Example:
        >>> spread(25, 6)
        [0, 5, 10, 14, 19, 24]
        >>> spread(2, 6)
        [0, 1]
    """
    if count <= wanted:
        return list(range(count))
    return [round(index * (count - 1) / (wanted - 1)) for index in range(wanted)]


def _smaller(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    if width <= LARGEST_PX:
        return picture.copy()
    size = LARGEST_PX, max(1, round(height * LARGEST_PX / width))
    # Averaging over areas is slow where it is not by a whole number, and no better for less than that.
    interpolation = cv2.INTER_AREA if width >= 2 * LARGEST_PX else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=interpolation).astype(np.uint8, copy=False)


def _lay_out(kept: list[Kept]) -> Pixels:
    columns = min(COLUMNS, len(kept))
    rows = math.ceil(len(kept) / columns)
    width = max(one.picture.shape[1] for one in kept)
    height = max(one.picture.shape[0] for one in kept)
    sheet = np.full(
        (rows * (height + GAP_PX) - GAP_PX, columns * (width + GAP_PX) - GAP_PX, 3), Tone.PAPER.light, np.uint8
    )
    for index, one in enumerate(kept):
        top, left = index // columns * (height + GAP_PX), index % columns * (width + GAP_PX)
        place = sheet[top : top + one.picture.shape[0], left : left + one.picture.shape[1]]
        place[:] = one.picture
        seconds = (one.stamp_ns - kept[0].stamp_ns) / NS_PER_S
        paste(place, caption((Line(f"{seconds:.1f} s"),), text_height_px(height // 2)), right=True, bottom=True)
    return sheet
