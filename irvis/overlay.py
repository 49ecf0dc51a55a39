"""Class labels laid over a picture: a tint with an outline, and a legend of what is there."""

import colorsys

import cv2
import numpy as np

from .captions import Line, caption, paste, text_height_px
from .colours import Colour
from .frame import Pixels

CLASSES: tuple[tuple[str, Colour], ...] = (
    ("unlabelled", (0, 0, 0)),
    ("car", (255, 150, 60)),
    ("person", (70, 70, 255)),
    ("bike", (90, 220, 60)),
    ("curve", (60, 230, 240)),
    ("car stop", (255, 100, 190)),
    ("guardrail", (200, 210, 30)),
    ("colour cone", (20, 150, 255)),
    ("bump", (190, 120, 255)),
)
"""Name and colour (BGR) of each label id of MSRS, whose classes the shipped networks know."""
OPACITY = 0.4
LISTED_SHARE = 0.0005
"""A class is in the legend from this share of the picture on, so that specks don't make it flicker."""


def class_name(label: int) -> str:
    """What a label id is called."""
    return CLASSES[label][0] if label < len(CLASSES) else f"class {label}"


def class_colour(label: int) -> Colour:
    """The colour of a label id; ids beyond the known classes get colours of their own.

    Example:
        >>> class_colour(2)
        (70, 70, 255)
    """
    if label < len(CLASSES):
        return CLASSES[label][1]
    red, green, blue = colorsys.hsv_to_rgb(label * 0.618 % 1, 0.7, 1.0)
    return round(255 * blue), round(255 * green), round(255 * red)


_PALETTE = np.array([class_colour(label) for label in range(256)], np.uint8).reshape(256, 1, 3)


def colour_labels(labels: Pixels) -> Pixels:
    """Turn (H, W) uint8 label ids into an (H, W, 3) BGR uint8 picture of their colours."""
    return cv2.applyColorMap(np.ascontiguousarray(labels), _PALETTE).astype(np.uint8, copy=False)


def draw_labels(picture: Pixels, labels: Pixels, opacity: float = OPACITY) -> None:
    """Tint what is labelled and outline it, in place; label 0 stays as it is.

    Args:
        picture: (H, W, 3) BGR uint8; a view of a larger picture will do.
        labels: (H, W) uint8 class ids.
        opacity: Of the tint, 0 to 1; the outline is opaque.
    """
    left, top, width, height = cv2.boundingRect(labels)
    if not width:
        return
    # One pixel more on each side, so that the outline sees what is not labelled there.
    area = slice(max(0, top - 1), top + height + 1), slice(max(0, left - 1), left + width + 1)
    labels = np.ascontiguousarray(labels[area])
    colours = colour_labels(labels)
    tinted = cv2.addWeighted(picture[area], 1 - opacity, colours, opacity, 0.0)
    outline = cv2.compare(labels, cv2.erode(labels, np.ones((3, 3), np.uint8)), cv2.CMP_NE)
    cv2.copyTo(colours, outline, tinted)
    cv2.copyTo(tinted, labels, picture[area])


def labels_present(labels: Pixels) -> list[int]:
    """The label ids that fill a part worth naming of an (H, W) uint8 label map, without 0."""
    # Every other row and column: a quarter of the time, and nothing worth naming is that thin.
    sampled = np.ascontiguousarray(labels[::2, ::2])
    counts = cv2.calcHist([sampled], [0], None, [256], [0, 256]).ravel()
    counts[0] = 0
    listed = np.flatnonzero(counts > LISTED_SHARE * sampled.size)
    return [int(label) for label in listed]


def draw_legend(picture: Pixels, labels: Pixels) -> None:
    """Name the classes that are present in the bottom left corner, in place.

    Args:
        picture: (H, W, 3) BGR uint8; a view of a larger picture will do.
        labels: (H, W) uint8 class ids.
    """
    lines = tuple(Line(class_name(label), swatch=class_colour(label)) for label in labels_present(labels))
    if lines:
        paste(picture, caption(lines, text_height_px(picture.shape[0])), bottom=True)
