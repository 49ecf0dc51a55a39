"""How a walking or riding body is drawn: joints from the gait, then shaded limbs in both spectra."""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from .camera import Matrix
from .glow import shadow_sprite
from .light import BGR
from .sprite import Pixels, Sprite, pyramid

_SPOT, _SPOT_HIGH_M = shadow_sprite(0.6, 0.0), 0.15


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
        self.colour, self.heat = np.zeros((*shape, 4), np.uint8), np.zeros((*shape, 4), np.uint8)

    @property
    def anchor(self) -> tuple[float, float]:
        """The finished sprite's pixel at (0, 0) m; 0.1 m is kept below the ground."""
        return self.width_m * self.px_per_m / 2 - 0.5, (self.height_m - 0.1) * self.px_per_m - 0.5

    def _px(self, points: Matrix) -> Matrix:
        scale = 2 * self.px_per_m
        middle = (self.colour.shape[1] / 2, (self.height_m - 0.1) * scale)
        px: Matrix = points * (scale, -scale) + middle
        return px

    def polygon(self, points: Matrix, colour: BGR, heat: float) -> None:
        """Fill a convex polygon of (N, 2) points [m] with a reflectance (BGR, 0 to 1) and an infrared level."""
        px = np.rint(self._px(points) * 16).astype(np.int32)
        b, g, r = (min(max(255 * c, 0), 255) for c in colour)
        cv2.fillConvexPoly(self.colour, px, (b, g, r, 255), cv2.LINE_8, 4)
        cv2.fillConvexPoly(self.heat, px, (min(max(heat, 0), 255), 0, 0, 255), cv2.LINE_8, 4)

    def limb(self, a: Matrix, b: Matrix, ra: float, rb: float, colour: BGR, heat: float) -> None:
        """A tapered limb from a to b [m], rounded by a darker rim and a lighter core."""
        shades = ((1.0, 0.74, 0.90, 0.0), (0.78, 0.95, 0.98, -0.10), (0.45, 1.10, 1.03, -0.22))
        along, across = _ends(b - a)
        thin = min(ra, rb)
        middle, round_ = np.where(_AT_END, b, a), np.where(_AT_END, rb, ra)
        outline = _COS * along + _SIN * across
        for size, bright, warm, aside in shades:
            shade = (colour[0] * bright, colour[1] * bright, colour[2] * bright)
            ring = middle + size * round_ * outline + (aside * thin, -aside * 0.5 * thin)
            self.polygon(ring, shade, heat * warm)

    def ellipse(self, c: Matrix, rx: float, ry: float, colour: BGR, heat: float) -> None:
        """A shaded ellipse about c [m]."""
        ring = _RING * (rx, ry)
        for size, bright, warm in ((1.0, 0.82, 0.93), (0.75, 1.0, 1.0), (0.45, 1.08, 1.02)):
            shade = (colour[0] * bright, colour[1] * bright, colour[2] * bright)
            self.polygon(c + ring * size, shade, heat * warm)

    def line(self, points: Matrix, width_m: float, colour: BGR, heat: float, closed: bool = False) -> None:
        """A thin line through (N, 2) points [m]."""
        px = np.round(self._px(points) * 16).astype(np.int32)
        thick = max(1, round(2 * width_m * self.px_per_m))
        b, g, r = (min(max(255 * c, 0), 255) for c in colour)
        cv2.polylines(self.colour, [px], closed, (b, g, r, 255), thick, cv2.LINE_8, 4)
        cv2.polylines(self.heat, [px], closed, (min(max(heat, 0), 255), 0, 0, 255), thick, cv2.LINE_8, 4)

    def sprite(self, spot_m: float = 0.0, levels: int = 3) -> Sprite:
        """The finished sprite, softened so that the shading has no steps and cut to what is drawn.

        Args:
            spot_m: Width of the soft dark spot that it throws about its anchor, 0 for none.
            levels: Sizes of the pyramid.
        """
        colour, heat = (pyramid(p, 2)[1] for p in (self.colour, self.heat))
        soft = max(0.010 * self.px_per_m, 0.45)
        colour = np.asarray(cv2.GaussianBlur(colour, (5, 5), soft), np.uint8)
        heat = np.asarray(cv2.GaussianBlur(heat, (5, 5), 1.3 * soft), np.uint8)
        if spot_m:
            self._cast(colour, spot_m)
        x, y, cols, rows = cv2.boundingRect(cv2.max(colour[..., 3], heat[..., 3]))
        # The corner stays on a whole pixel of the smallest level.
        x, y = (c >> levels - 1 << levels - 1 for c in (x, y))
        part = slice(y, y + rows + 4), slice(x, x + cols + 4)
        anchor = self.anchor[0] - x, self.anchor[1] - y
        return Sprite.of(colour[part].copy(), heat[part].copy(), anchor, self.px_per_m, levels)

    def _cast(self, colour: Pixels, spot_m: float) -> None:
        size = round(spot_m * self.px_per_m), round(_SPOT_HIGH_M * self.px_per_m)
        x, y = round(self.anchor[0] - size[0] / 2), round(self.anchor[1] - size[1] / 2)
        alpha = colour[y : y + size[1], x : x + size[0], 3]
        spot = cv2.resize(_SPOT, alpha.shape[::-1], interpolation=cv2.INTER_AREA)
        alpha[:] = cv2.add(alpha, cv2.multiply(cv2.bitwise_not(alpha), spot, scale=1 / 255))


_TURN = np.linspace(0, 2 * math.pi, 24, endpoint=False)
_RING = np.stack([np.cos(_TURN), np.sin(_TURN)], 1)
_CAPS = np.concatenate([np.linspace(0.5, 1.5, 9), np.linspace(-0.5, 0.5, 9)]) * math.pi
_COS, _SIN = np.cos(_CAPS)[:, None], np.sin(_CAPS)[:, None]
_AT_END = (np.arange(18) >= 9)[:, None]


def _ends(d: Matrix) -> tuple[Matrix, Matrix]:
    """Unit vectors along a limb and across it."""
    length = max(math.hypot(d[0], d[1]), 1e-9)
    along: Matrix = d / length
    return along, np.array([-along[1], along[0]])
