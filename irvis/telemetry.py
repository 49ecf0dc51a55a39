"""What thermal cameras say of themselves in extra rows of their pictures."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import SourceError
from .frame import Counts

Layout: TypeAlias = Literal["none", "lepton", "boson"]
LEPTON_WORDS = 240
"""Rows A, B and C of 80 words each, wherever the picture's rows break."""
FFC_IN_PROGRESS = 2


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What a camera said with one picture.

    Attributes:
        frame_number: Counted by the camera.
        shutter: The camera looks at its own shutter (FFC, also called NUC): the picture shows nothing.
    """

    frame_number: int
    shutter: bool


def split(counts: Counts, layout: Layout, footer: bool) -> tuple[Counts, Telemetry | None]:
    """Separate the picture from the telemetry rows.

    A Lepton's rows A, B and C are 80 words each, low word first; the state of its flat-field correction is in bits
    4 and 5 of the status (words 3 and 4), the frame number in words 20 and 21 (Lepton engineering datasheet).
    A Boson has one row, bytes in network order, the frame number at byte 84; while its shutter is closed it
    repeats its last picture, which is found out by that.

    Args:
        counts: (H, W) uint16, with the rows.
        layout: Of the camera's make; `none` has no rows.
        footer: Whether the rows are below the picture instead of above.

    Returns:
        (H', W) uint16 without the rows, and what they said.

    Raises:
        SourceError: The picture is too small to have such rows.

    Example:
        >>> rows = np.zeros((62, 80), np.uint16)
        >>> rows[:, :3].shape, split(rows, "none", False)[1]
        ((62, 3), None)
    """
    if layout == "none":
        return counts, None
    height, width = counts.shape
    rows = 1 if layout == "boson" else -(-LEPTON_WORDS // width)
    if height <= rows or width < 80:
        raise SourceError(
            f"picture of {width}x{height}: too small for {layout} telemetry; expected its rows with the picture, "
            "switch them on in the camera or set thermal.telemetry to none"
        )
    said = counts[-rows:] if footer else counts[:rows]
    picture = counts[:-rows] if footer else counts[rows:]
    return picture, _lepton(said.ravel()) if layout == "lepton" else _boson(said[0])


def _lepton(words: NDArray[np.uint16]) -> Telemetry:
    def double(word: int) -> int:
        return int(words[word]) | int(words[word + 1]) << 16

    return Telemetry(frame_number=double(20), shutter=(double(3) >> 4) & 3 == FFC_IN_PROGRESS)


def _boson(row: NDArray[np.uint16]) -> Telemetry:
    said = row.astype("<u2").tobytes()
    return Telemetry(frame_number=int.from_bytes(said[84:88], "big"), shutter=False)
