"""How a walking or riding body is drawn: joints from the gait, then shaded limbs in both spectra."""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from .camera import Matrix
from .sprite import Pixels, pyramid

BGR = tuple[float, float, float]


@dataclass
class Canvas:
    """A sprite being drawn at twice its final size, in metres from its anchor (x right, y up)."""

    width_m: float
    height_m: float
    px_per_m: float
    colour: Pixels = field(init=False)
    heat: Pixels = field(init=False)

    def __post_init__(self) -> None:
        shape = (math.ceil(self.height_m * self.px_per_m) * 2, math.ceil(self.width_m * self.px_per_m) * 2)
        self.colour, self.heat = np.zeros((*shape, 4), np.uint8), np.zeros((*shape, 2), np.uint8)

    @property
    def anchor(self) -> tuple[float, float]:
        """The finished sprite's pixel at (0, 0) m; 0.1 m is kept below the ground."""
        return self.width_m * self.px_per_m / 2 - 0.5, (self.height_m - 0.1) * self.px_per_m - 0.5

    def _px(self, points: Matrix) -> Matrix:
        scale = 2 * self.px_per_m
        x = self.colour.shape[1] / 2 + points[:, 0] * scale
        y = (self.height_m - 0.1 - points[:, 1]) * scale
        return np.stack([x, y], 1)

    def polygon(self, points: Matrix, colour: BGR, heat: float) -> None:
        """Fill a polygon of (N, 2) points [m] with a reflectance (BGR, 0 to 1) and an infrared level."""
        px = np.round(self._px(points) * 16).astype(np.int32)
        b, g, r = (min(max(255 * c, 0), 255) for c in colour)
        cv2.fillPoly(self.colour, [px], (b, g, r, 255), cv2.LINE_8, 4)
        cv2.fillPoly(self.heat, [px], (min(max(heat, 0), 255), 255), cv2.LINE_8, 4)

    def limb(self, a: Matrix, b: Matrix, ra: float, rb: float, colour: BGR, heat: float) -> None:
        """A tapered limb from a to b [m], rounded by a darker rim and a lighter core."""
        shades = ((1.0, 0.74, 0.90, 0.0), (0.78, 0.95, 0.98, -0.10), (0.45, 1.10, 1.03, -0.22))
        for size, bright, warm, aside in shades:
            offset = np.array([aside * min(ra, rb), -aside * 0.5 * min(ra, rb)])
            shade = (colour[0] * bright, colour[1] * bright, colour[2] * bright)
            self.polygon(tapered(a + offset, b + offset, ra * size, rb * size), shade, heat * warm)

    def ellipse(self, c: Matrix, rx: float, ry: float, colour: BGR, heat: float) -> None:
        """A shaded ellipse about c [m]."""
        t = np.linspace(0, 2 * math.pi, 24, endpoint=False)
        ring = np.stack([rx * np.cos(t), ry * np.sin(t)], 1)
        for size, bright, warm in ((1.0, 0.82, 0.93), (0.75, 1.0, 1.0), (0.45, 1.08, 1.02)):
            shade = (colour[0] * bright, colour[1] * bright, colour[2] * bright)
            self.polygon(c + ring * size, shade, heat * warm)

    def line(self, points: Matrix, width_m: float, colour: BGR, heat: float, closed: bool = False) -> None:
        """A thin line through (N, 2) points [m]."""
        px = np.round(self._px(points) * 16).astype(np.int32)
        thick = max(1, round(2 * width_m * self.px_per_m))
        b, g, r = (min(max(255 * c, 0), 255) for c in colour)
        cv2.polylines(self.colour, [px], closed, (b, g, r, 255), thick, cv2.LINE_8, 4)
        cv2.polylines(self.heat, [px], closed, (min(max(heat, 0), 255), 255), thick, cv2.LINE_8, 4)

    def finish(self, levels: int = 3) -> tuple[list[Pixels], list[Pixels]]:
        """The finished colour and heat pyramids, softened so that the shading has no steps."""
        soft = 0.011 * 2 * self.px_per_m
        colour = np.asarray(cv2.GaussianBlur(self.colour, (0, 0), max(soft, 0.5)), np.uint8)
        heat = np.asarray(cv2.GaussianBlur(self.heat, (0, 0), max(1.3 * soft, 0.5)), np.uint8)
        return pyramid(colour, levels + 1)[1:], pyramid(heat, levels + 1)[1:]


def tapered(a: Matrix, b: Matrix, ra: float, rb: float) -> Matrix:
    """Outline of the hull of two circles, (N, 2)."""
    d = b - a
    turn = math.atan2(d[1], d[0])
    t = np.linspace(math.pi / 2, 3 * math.pi / 2, 9) + turn
    one = a + ra * np.stack([np.cos(t), np.sin(t)], 1)
    two = b - rb * np.stack([np.cos(t), np.sin(t)], 1)
    return np.concatenate([one, two])
