"""Ways to look at a picture until the board is seen: other polarity, other channels, more contrast, larger."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.frame import Modality, Pixels

SMALL_PX, TINY_PX = 640, 250
"""Pictures narrower than this are also looked at twice, or four times as large."""
SATURATED = 40
"""Mean saturation from which a picture counts as false colour."""
COLOURED = 6
"""From which it has colours at all: what JPEG makes of a gray one has less."""


class Look(NamedTuple):
    """One way to look at pictures.

    Attributes:
        channel: gray, or blue, green, red of a false-colour picture.
        inverted: White for black.
        contrast: plain, stretched (contrast-limited local equalisation) or sharpened.
        scale: How much larger.
    """

    channel: str
    inverted: bool
    contrast: str
    scale: int

    def __str__(self) -> str:
        return " ".join([self.channel, *(["inverted"] if self.inverted else []), self.contrast, f"{self.scale}x"])


def looks_at(picture: Pixels, modality: Modality) -> Iterator[Look]:
    """Ways to look at a picture, the likely ones first.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        modality: Infrared is tried inverted first, as paint radiates and white paper is colder than black ink.
    """
    colour = picture.ndim == 3 and modality is Modality.INFRARED and _saturation(picture) > SATURATED
    width = picture.shape[1]
    scales = (2, 1, 4) if width < TINY_PX else (1, 2) if width < SMALL_PX else (1,)
    for contrast in ("plain", "stretched", "sharpened"):
        for scale in (*scales, 3) if modality is Modality.INFRARED else scales:
            for channel in ("gray", "green", "red", "blue") if colour else ("gray",):
                for inverted in (True, False) if modality is Modality.INFRARED else (False, True):
                    yield Look(channel, inverted, contrast, scale)


def look(picture: Pixels, how: Look) -> Pixels:
    """(H * scale, W * scale) uint8: the picture looked at in this way."""
    if picture.ndim == 2:
        gray = picture
    elif how.channel == "gray":
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    else:
        gray = np.ascontiguousarray(picture[..., ("blue", "green", "red").index(how.channel)])
    if how.inverted:
        gray = 255 - gray
    if how.scale > 1:
        size = gray.shape[1] * how.scale, gray.shape[0] * how.scale
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    if how.contrast == "stretched":
        gray = np.asarray(cv2.createCLAHE(4.0, (4, 4)).apply(gray), np.uint8)
    elif how.contrast == "sharpened":
        soft = cv2.GaussianBlur(gray, (0, 0), 2.0 * how.scale)
        gray = np.asarray(cv2.addWeighted(gray, 2.5, soft, -1.5, 0), np.uint8)
    return gray


def as_8_bit(picture: NDArray[Any]) -> Pixels:
    """Pictures of more bits (thermal counts) stretched to 8, from the 0.5th to the 99.5th percentile."""
    if picture.dtype == np.uint8:
        return np.asarray(picture, np.uint8)
    low, high = np.percentile(picture, (0.5, 99.5))
    scaled = (picture.astype(np.float32) - low) * (255 / max(high - low, 1e-6))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def has_colours(picture: Pixels) -> bool:
    """Whether a picture (H, W) or (H, W, 3) BGR uint8 is more than gray."""
    return picture.ndim == 3 and _saturation(picture) > COLOURED


def _saturation(picture: Pixels) -> float:
    return float(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[..., 1].mean())
