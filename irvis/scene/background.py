"""Everything that stands still, drawn once per view: the picture behind, and what may hide moving things."""

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import Camera, View
from .ground import draw_ground
from .light import Lighting
from .sprite import Pixels

_FINE = 2


@dataclass(frozen=True)
class Background:
    """The still street in one view.

    Attributes:
        colour: (h, w, 3) uint8 BGR.
        heat: (h, w) uint8 infrared level.
        labels: (h, w) uint8 class ids.
    """

    colour: Pixels
    heat: Pixels
    labels: Pixels


def draw_background(camera: Camera, view: View, lighting: Lighting, seed: int) -> Background:
    """Draw the still street at twice the size and average down."""
    fine = draw_ground(camera, view.supersampled(_FINE), lighting, seed)
    size = (view.width, view.height)
    colour = cv2.resize(np.clip(fine.colour, 0, 255), size, interpolation=cv2.INTER_AREA)
    heat = cv2.resize(np.clip(fine.heat, 0, 255), size, interpolation=cv2.INTER_AREA)
    labels = np.ascontiguousarray(fine.labels[::_FINE, ::_FINE])
    return Background(np.rint(colour).astype(np.uint8), np.rint(heat).astype(np.uint8), labels)
