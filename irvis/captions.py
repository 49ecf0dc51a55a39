"""Small text on pictures: drawn once, then pasted for the price of its own few pixels."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from .colours import Colour, Tone
from .frame import Pixels

FONT = cv2.FONT_HERSHEY_SIMPLEX
GROUND_KEPT = 0.35
"""How much of the picture shines through a caption's ground."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a caption.

    Attributes:
        text: ASCII, as OpenCV before 5 draws nothing else.
        colour: Of the text.
        swatch: Colour of a square before the text; none without.
    """

    text: str
    colour: Colour = Tone.INK.dark
    swatch: Colour | None = None


def text_height_px(picture_height_px: int) -> int:
    """Height of capitals that reads well on a picture of this height [px].

    Example:
        >>> text_height_px(480), text_height_px(1080), text_height_px(96)
        (11, 26, 8)
    """
    return max(8, round(picture_height_px / 42))


@lru_cache(maxsize=256)
def caption(lines: tuple[Line, ...], height_px: int) -> Pixels:
    """Draw a caption's text on black.

    Args:
        lines: From top to bottom.
        height_px: Height of capitals.

    Returns:
        (H, W, 3) BGR uint8, read-only; shared between calls.
    """
    scale = cv2.getFontScaleFromHeight(FONT, height_px)
    pad_px, step_px = round(height_px * 0.6), round(height_px * 1.8)
    indents_px = [round(height_px * 1.6) if line.swatch else 0 for line in lines]
    widths_px = [cv2.getTextSize(line.text, FONT, scale, 1)[0][0] for line in lines]
    width_px = max(indent + width for indent, width in zip(indents_px, widths_px, strict=True)) + 2 * pad_px
    drawn = np.zeros((2 * pad_px + height_px + step_px * (len(lines) - 1), width_px, 3), np.uint8)
    for index, (line, indent_px) in enumerate(zip(lines, indents_px, strict=True)):
        bottom_px = pad_px + height_px + index * step_px
        if line.swatch:
            corners = (pad_px, bottom_px - height_px), (pad_px + height_px, bottom_px)
            cv2.rectangle(drawn, *corners, line.swatch, cv2.FILLED)
        cv2.putText(drawn, line.text, (pad_px + indent_px, bottom_px), FONT, scale, line.colour, 1, cv2.LINE_AA)
    drawn.flags.writeable = False
    return drawn


def paste(picture: Pixels, drawn: Pixels, right: bool = False, bottom: bool = False) -> None:
    """Lay a caption into a corner of a picture, in place, on a dark ground that the picture shines through.

    Args:
        picture: (H, W, 3) BGR uint8; a view of a larger picture will do.
        drawn: From `caption`; what would stick out is cut off.
        right: The right corner instead of the left one.
        bottom: The bottom corner instead of the top one.
    """
    height, width = min(drawn.shape[0], picture.shape[0]), min(drawn.shape[1], picture.shape[1])
    top = picture.shape[0] - height if bottom else 0
    left = picture.shape[1] - width if right else 0
    place = picture[top : top + height, left : left + width]
    place[:] = cv2.addWeighted(place, GROUND_KEPT, drawn[:height, :width], 1.0, 0.0)
