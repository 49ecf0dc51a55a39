"""What moves: each actor knows where it is at a time and draws itself into a view."""

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from .camera import Camera, View
from .objects import CLASS_IDS, SeenBy
from .people import STRIDE_M, Figure
from .sprite import Patch, place

Spectrum = Literal["colour", "heat"]

PERIOD_S = 48.0
"""After this time the street repeats [s]; everything enters and leaves out of sight in between."""


class Actor(Protocol):
    """Something that moves through the street."""

    id: int
    class_id: int
    seen_by: SeenBy

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the actor at a time, None while it is away."""

    def draw(self, view: View, spectrum: Spectrum, time_s: float) -> Patch | None:
        """The actor's patch in a view, None where it is not seen."""


@dataclass(frozen=True)
class Path:
    """A straight walk or ride that repeats every `PERIOD_S`.

    Attributes:
        start: World x, z where it begins [m].
        end: Where it ends [m].
        speed_m_s: Speed; the actor is away for the rest of the period.
        starts_s: When in the period it begins [s].
    """

    start: tuple[float, float]
    end: tuple[float, float]
    speed_m_s: float
    starts_s: float

    @property
    def length_m(self) -> float:
        """Length of the path [m]."""
        return math.dist(self.start, self.end)

    def travelled(self, time_s: float) -> float | None:
        """Metres from the start at a time, None while away."""
        gone = ((time_s - self.starts_s) % PERIOD_S) * self.speed_m_s
        return gone if gone <= self.length_m else None

    def at(self, gone_m: float) -> tuple[float, float]:
        """World x, z [m] after so many metres."""
        share = gone_m / max(self.length_m, 1e-9)
        return (
            self.start[0] + share * (self.end[0] - self.start[0]),
            self.start[1] + share * (self.end[1] - self.start[1]),
        )


class Person:
    """A person who walks a path, or stands where the path's two ends agree."""

    class_id = CLASS_IDS["person"]

    def __init__(self, number: int, camera: Camera, figure: Figure, path: Path, seen_by: SeenBy = "both") -> None:
        self.id, self.seen_by = number, seen_by
        self._camera, self._figure, self._path = camera, figure, path

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the feet."""
        if self._path.length_m == 0:
            return self._path.start
        gone = self._path.travelled(time_s)
        return None if gone is None else self._path.at(gone)

    def draw(self, view: View, spectrum: Spectrum, time_s: float) -> Patch | None:
        """The figure at the gait's phase of that time."""
        place_m = self.where(time_s)
        if place_m is None:
            return None
        phases = len(self._figure.colour)
        gone = (self._path.travelled(time_s) or 0.0) if phases > 1 else 0.0
        phase = int(gone / STRIDE_M * phases) % phases
        levels = (self._figure.colour if spectrum == "colour" else self._figure.heat)[phase]
        matrix = self._camera.billboard(*place_m, self._figure.anchor, self._figure.px_per_m)
        if phases == 1:
            sway = 0.012 * math.sin(2 * math.pi * time_s * 8 / PERIOD_S + self.id)
            matrix = matrix @ np.array([[1, -sway, sway * self._figure.anchor[1]], [0, 1, 0], [0, 0, 1]])
        return place(view, levels, matrix)
