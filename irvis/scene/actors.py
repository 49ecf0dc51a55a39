"""What moves: each actor knows where it is at a time and draws itself into a view."""

import math
from typing import Literal, Protocol

import numpy as np

from .camera import Camera, View
from .course import PERIOD_S, Course
from .glow import shadow_patch, shadow_sprite
from .objects import CLASS_IDS, SeenBy
from .people import STRIDE_M, Figure
from .sprite import Patch, place

Spectrum = Literal["colour", "heat"]
"""What a patch holds: premultiplied BGRA reflectance, or infrared level first and alpha last."""

_SPOT = shadow_sprite(0.6, 0.0)


class Actor(Protocol):
    """Something that moves through the street."""

    id: int
    class_id: int
    seen_by: SeenBy

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the actor at a time, None while it is away."""

    def draw(self, view: View, spectrum: Spectrum, time_s: float) -> Patch | None:
        """The actor's patch in a view, None where it is not seen."""

    def shadow(self, view: View, time_s: float) -> Patch | None:
        """The darkness it throws on the ground, None where there is none to see."""


class Person:
    """A person who walks a course or stands."""

    class_id = CLASS_IDS["person"]

    def __init__(self, number: int, camera: Camera, figure: Figure, course: Course, seen_by: SeenBy = "both") -> None:
        self.id, self.seen_by = number, seen_by
        self._camera, self._figure, self._course = camera, figure, course

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the feet."""
        return self._course.at(time_s)

    def shadow(self, view: View, time_s: float) -> Patch | None:
        """A soft spot under the feet."""
        place_m = self.where(time_s)
        if place_m is None:
            return None
        return shadow_patch(self._camera, view, _SPOT, place_m, (0.95, 0.75))

    def draw(self, view: View, spectrum: Spectrum, time_s: float) -> Patch | None:
        """The figure at the gait's phase of that time."""
        place_m = self.where(time_s)
        if place_m is None:
            return None
        phases = len(self._figure.colour)
        gone = self._course.travelled(time_s) or 0.0
        phase = int(gone / STRIDE_M * phases) % phases
        levels = (self._figure.colour if spectrum == "colour" else self._figure.heat)[phase]
        matrix = self._camera.billboard(*place_m, self._figure.anchor, self._figure.px_per_m)
        if phases == 1:
            sway = 0.012 * math.sin(2 * math.pi * time_s * 8 / PERIOD_S + self.id)
            matrix = matrix @ np.array([[1, -sway, sway * self._figure.anchor[1]], [0, 1, 0], [0, 0, 1]])
        return place(view, levels, matrix)
