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

    def draw(self, view: View, spectrum: Spectrum, time_s: float, at: tuple[float, float]) -> Patch | None:
        """The actor's patch in a view, standing `at` world x, z [m]; None where it is not seen."""

    def shadow(self, view: View, at: tuple[float, float]) -> Patch | None:
        """The darkness it throws on the ground, None where there is none to see."""


class Cutout:
    """A person or a bike: a flat figure that moves its limbs as it follows a course."""

    def __init__(
        self, number: int, camera: Camera, figure: Figure, course: Course, class_id: int = CLASS_IDS["person"],
        seen_by: SeenBy = "both", stride_m: float = STRIDE_M, shadow_m: float = 0.95,
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
            shadow_m: Length of its shadow, 0 for none.
        """
        self.id, self.class_id, self.seen_by = number, class_id, seen_by
        self._camera, self._figure, self._course = camera, figure, course
        self._stride_m, self._shadow_m = stride_m, shadow_m

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the feet."""
        return self._course.at(time_s)

    def shadow(self, view: View, at: tuple[float, float]) -> Patch | None:
        """A soft spot under the feet."""
        if not self._shadow_m:
            return None
        return shadow_patch(self._camera, view, _SPOT, at, (self._shadow_m, 0.75))

    def draw(self, view: View, spectrum: Spectrum, time_s: float, at: tuple[float, float]) -> Patch | None:
        """The figure at the gait's phase of that time."""
        phases = len(self._figure.colour)
        gone = self._course.travelled(time_s) or 0.0
        phase = int(gone / self._stride_m * phases) % phases
        levels = (self._figure.colour if spectrum == "colour" else self._figure.heat)[phase]
        matrix = self._camera.billboard(*at, self._figure.anchor, self._figure.px_per_m)
        if phases == 1:
            sway = 0.012 * math.sin(2 * math.pi * time_s * 8 / PERIOD_S + self.id)
            matrix = matrix @ np.array([[1, -sway, sway * self._figure.anchor[1]], [0, 1, 0], [0, 0, 1]])
        return place(view, levels, matrix)
