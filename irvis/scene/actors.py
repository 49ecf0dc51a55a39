"""What moves: each actor knows where it is at a time and draws itself into a view."""

import math
from typing import Literal, Protocol

import cv2
import numpy as np

from .camera import Camera, View
from .course import PERIOD_S, Course
from .light import BGR
from .objects import CLASS_IDS, SeenBy
from .people import STRIDE_M, Figure
from .sprite import Patch, Pixels, lit, place

Spectrum = Literal["colour", "heat"]
"""What a patch holds: premultiplied BGRA colour, or infrared level first and alpha last."""
DARK: BGR = (0.0, 0.0, 0.0)


class Actor(Protocol):
    """Something that moves through the street."""

    id: int
    class_id: int
    seen_by: SeenBy

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the actor at a time, None while it is away."""

    def draw(
        self, view: View, spectrum: Spectrum, time_s: float, at: tuple[float, float], light: BGR
    ) -> Patch | None:
        """The actor and its shadow, standing `at` world x, z [m] in a `light`; None where it is not seen."""


class Cutout:
    """A person or a bike: a flat figure that moves its limbs as it follows a course."""

    def __init__(
        self, number: int, camera: Camera, figure: Figure, course: Course, class_id: int = CLASS_IDS["person"],
        seen_by: SeenBy = "both", stride_m: float = STRIDE_M,
    ) -> None:  # fmt: skip
        """Make an actor.

        Args:
            number: Its object id.
            camera: The visible camera.
            figure: Its picture at every phase of its gait; one phase stands and sways a little.
            course: Where it goes.
            class_id: Its class in the label picture.
            seen_by: Which camera has contrast on it.
            stride_m: Ground covered in one cycle of the gait.
        """
        self.id, self.class_id, self.seen_by = number, class_id, seen_by
        self._camera, self._figure, self._course = camera, figure, course
        self._stride_m = stride_m

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the feet."""
        return self._course.at(time_s)

    def draw(
        self, view: View, spectrum: Spectrum, time_s: float, at: tuple[float, float], light: BGR
    ) -> Patch | None:
        """The figure at the gait's phase of that time."""
        phases = self._figure.phases
        gone = self._course.travelled(time_s) or 0.0
        sprite = self._figure.at(int(gone / self._stride_m * phases) % phases)
        matrix = self._camera.billboard(*at, sprite.anchor, sprite.px_per_m)
        if phases == 1:
            sway = 0.012 * math.sin(2 * math.pi * time_s * 8 / PERIOD_S + self.id)
            matrix = matrix @ np.array([[1, -sway, sway * sprite.anchor[1]], [0, 1, 0], [0, 0, 1]])
        patch = place(view, sprite.colour if spectrum == "colour" else sprite.heat, matrix)
        if patch is None:
            return None
        pixels = lit(patch.pixels, light) if spectrum == "colour" else patch.pixels
        return Patch(patch.x, patch.y, faded(pixels, self._course.fade(time_s)))


def faded(pixels: Pixels, share: float) -> Pixels:
    """Premultiplied pixels of which only a share is there, 0 to 1."""
    return pixels if share == 1 else np.asarray(cv2.convertScaleAbs(pixels, alpha=share), np.uint8)
