"""Pictures that are drawn for the report: labels over a picture, what is wrong with them, differences as heat."""

import cv2
import numpy as np

from irvis.colours import Colour, Tone
from irvis.frame import Pixels
from irvis.overlay import draw_labels, draw_legend

from ..evaluate import IGNORED
from ..metrics import gray_from_bgr

ERRORS: tuple[tuple[str, Colour], ...] = (
    ("missed", Tone.BAD.dark),
    ("invented", Tone.ACCENT.dark),
    ("mistaken", Tone.WARN.dark),
)
"""Ways to be wrong, and their colours (BGR): seen as nothing, seen where nothing is, seen as something else."""
GROUND = 0.45
"""Brightness of the picture under the errors."""
FULL_HEAT = 64
"""Difference [gray levels] from which on the heat is white, so that pairs compare."""


def overlay(picture: Pixels, labels: Pixels) -> Pixels:
    """A copy of the picture (H, W, 3) with its labels (H, W) laid over it and named."""
    drawn = picture.copy()
    draw_labels(drawn, labels)
    draw_legend(drawn, labels)
    return drawn


def wrong_labels(picture: Pixels, labels: Pixels, truth: Pixels) -> Pixels:
    """Where the labels (H, W) are wrong, on a dark gray picture; what nobody is judged by stays as it is."""
    gray = cv2.convertScaleAbs(gray_from_bgr(picture), alpha=GROUND)
    drawn = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    wrong = (labels != truth) & (truth != IGNORED)
    ways = (labels == 0, truth == 0, (labels != 0) & (truth != 0))
    for (_, colour), way in zip(ERRORS, ways, strict=True):
        drawn[wrong & way] = colour
    return drawn


def heat(picture: Pixels, reference: Pixels) -> Pixels:
    """How far two pictures (H, W, 3) are apart in gray levels, black to white over `FULL_HEAT` levels."""
    apart = cv2.absdiff(gray_from_bgr(picture), gray_from_bgr(reference))
    scaled = cv2.convertScaleAbs(apart, alpha=255 / FULL_HEAT)
    return cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO).astype(np.uint8, copy=False)
