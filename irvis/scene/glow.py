"""Light that the lens and the road spread: halos around lamps, beams on the ground, soft shadows."""

import math

import cv2
import numpy as np

from .camera import Camera, Matrix, View
from .light import BGR
from .sprite import Patch, Pixels, place, pyramid
from .texture import Field32

_HALO_PX, _HALO_ENDS = 168, 0.86
_BEAM_M = (9.0, 30.0)
_BEAM_PX_PER_M = 8.0


class Halo:
    """A lamp's picture in the lens: saturated core, bloom, wide veil and faint streaks.

    It comes in sizes 4 % apart, each scaled once, and is put on whole pixels: so soft a thing hides both.
    """

    def __init__(self, colour: BGR) -> None:
        """Draw the halo of a lamp of a colour."""
        ends = slice(-_HALO_ENDS, _HALO_ENDS, _HALO_PX * 1j)
        y, x = np.mgrid[ends, ends].astype(np.float32)
        r = np.sqrt(x * x + y * y)
        glow = 6 * np.exp(-((r / 0.055) ** 2)) + 0.85 * np.exp(-r / 0.085) + 0.2 * np.exp(-r / 0.3)
        streaks = np.abs(np.cos(3 * np.arctan2(y, x) + 0.3)) ** 60 * 0.25 * np.exp(-r / 0.22)
        level = ((glow + streaks) * np.clip((1 - r) / 0.6, 0, 1) ** 1.5)[..., None] * np.array(colour, np.float32)
        whiter = np.minimum(level, 1.0) + np.maximum(level.max(2, keepdims=True) - 1.0, 0) * 0.6
        self._levels = pyramid(np.clip(255 * whiter, 0, 255).astype(np.uint8), 5)
        self._sizes: dict[int, Pixels] = {}

    def patch(self, view: View, at_px: tuple[float, float], radius_px: float, power: float) -> Patch | None:
        """Its light about a visible px, None where the view shows nothing of it."""
        step = round(math.log(max(_HALO_ENDS * radius_px, 1)) / math.log(1.04))
        if step not in self._sizes:
            size = 2 * round(1.04**step) + 1
            level = min(max(round(math.log2(_HALO_PX / size)), 0), len(self._levels) - 1)
            self._sizes[step] = np.asarray(cv2.resize(self._levels[level], (size, size)), np.uint8)
        whole = self._sizes[step]
        size = whole.shape[0]
        left, top = round(at_px[0]) - size // 2, round(at_px[1]) - size // 2
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + size, view.width), min(top + size, view.height)
        if x1 <= x0 or y1 <= y0:
            return None
        part = whole[y0 - top : y1 - top, x0 - left : x1 - left]
        return Patch(x0, y0, np.asarray(cv2.convertScaleAbs(part, alpha=power), np.uint8))


def add_light(picture: Pixels, light: Patch) -> None:
    """Add a patch of light to a picture of as many channels, saturating, in place."""
    part = picture[light.slices]
    cv2.add(part, light.pixels, dst=part)


def bloom(picture: Field32 | Pixels, amount: float) -> Pixels:
    """The picture with the light of its brightest parts spread around them."""
    bright = np.maximum(picture.astype(np.float32) - 90, 0)
    small = cv2.resize(bright, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    spread = cv2.GaussianBlur(small, (0, 0), 2.0) + cv2.GaussianBlur(small, (0, 0), 7.0)
    wide = cv2.resize(spread, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.clip(picture + amount * wide, 0, 255).astype(np.uint8)


def beam_sprite(power: float) -> Pixels:
    """The light of two headlights on the road, (length, width); row 0 is at the bumper."""
    across, along = _BEAM_M
    x = np.linspace(-across / 2, across / 2, int(across * _BEAM_PX_PER_M), dtype=np.float32)
    z = np.linspace(0, along, int(along * _BEAM_PX_PER_M), dtype=np.float32)[:, None]
    lamps = sum(np.exp(-(((x - s) / (0.55 + 0.10 * z)) ** 2)) for s in (-0.6, 0.6))
    level = lamps * np.clip(z / 3.5, 0, 1) ** 1.5 * np.exp(-z / 9) * np.clip((along - z) / 8, 0, 1)
    level = level * np.clip((across / 2 - np.abs(x)) / 1.5, 0, 1)
    return np.asarray(np.clip(255 * 0.42 * power * level, 0, 255), np.uint8)


def beam_patch(
    camera: Camera, view: View, sprite: Pixels, nose: tuple[float, float], heading: Matrix
) -> Patch | None:
    """How bright a beam is that starts at world x, z of a car's nose, cut off short of the camera."""
    along = _BEAM_M[1]
    if heading[1] < 0:
        along = min(along, (nose[1] - 2.0) / -float(heading[1]))
    rows = math.floor(along * _BEAM_PX_PER_M)
    if rows < 4 or nose[1] < 2:
        return None
    right, ahead = np.array([heading[1], 0, -heading[0]]), np.array([heading[0], 0, heading[1]])
    corner = np.array([nose[0], 0.0, nose[1]]) - right * _BEAM_M[0] / 2
    if heading[1] == 0 and min(corner[2], nose[1] - _BEAM_M[0] / 2) < 1:
        return None
    half = View(view.width // 2, view.height // 2, np.diag([0.5, 0.5, 1.0]) @ view.from_visible)
    small = place(half, [sprite[:rows]], camera.plane(corner, right, ahead, _BEAM_PX_PER_M))
    if small is None:
        return None
    large = cv2.resize(small.pixels, (small.pixels.shape[1] * 2, small.pixels.shape[0] * 2))
    return Patch(small.x * 2, small.y * 2, np.asarray(large, np.uint8))


def shadow_sprite(strength: float, sharp: float) -> Pixels:
    """How dark a soft rectangle is, (48, 48); `sharp` from 0 (round) to 1 (square)."""
    line = np.abs(np.linspace(-1, 1, 48, dtype=np.float32))
    power = 2 + 4 * sharp
    r = (line[:, None] ** power + line[None] ** power) ** (1 / power)
    alpha = np.clip((1 - r) / (0.75 - 0.4 * sharp), 0, 1) ** 1.3 * strength
    return np.asarray(np.clip(255 * alpha, 0, 255), np.uint8)


def shadow_patch(
    camera: Camera, view: View, sprite: Pixels, centre: tuple[float, float], size_m: tuple[float, float]
) -> Patch | None:
    """A shadow of a size (x, z) on the ground about world x, z [m]."""
    if centre[1] - size_m[1] / 2 < 0.5:
        return None
    f, cx, cy = camera.focal_px, camera.centre_px, camera.horizon_px
    x, z = centre[0] - size_m[0] / 2, centre[1] + size_m[1] / 2
    wide, deep = size_m[0] / sprite.shape[1], size_m[1] / sprite.shape[0]
    rows = [[f * wide, -cx * deep, f * x + cx * z], [0, -cy * deep, cy * z + f * camera.height_m], [0, -deep, z]]
    return place(view, [sprite], np.array(rows))
