"""The lamps that shine at the camera and what they do to the picture: halos, beams, lit passers-by."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from .camera import Camera, View
from .glow import Halo, add_light, beam_patch, beam_sprite
from .light import BEAM_COLOUR, BGR, LAMP_COLOUR, LAMP_HEIGHT_M, LAMPS_M, Lighting
from .occlusion import Occlusion
from .sprite import Patch, Pixels
from .vehicles import Car

Placed = tuple[Car, tuple[float, float]]
"""A car and the world x, z [m] where it is."""


def add_lamps(picture: Pixels, camera: Camera, view: View, lighting: Lighting) -> None:
    """Add the halos of the street lamps to the still picture, in place."""
    if not lighting.lamps:
        return
    halo = Halo(LAMP_COLOUR)
    for x, z in LAMPS_M[:-1]:
        head = np.array([[x - math.copysign(1.25, x), LAMP_HEIGHT_M + 0.03, z]])
        u, v = camera.project(head)[0].tolist()
        radius = camera.focal_px * (0.05 + 2.6 / z) * (0.6 + 0.4 * lighting.lamps)
        light = halo.patch(view, (u, v), radius, 0.9 * lighting.lamps)
        if light is not None:
            add_light(picture, light)


class Headlights:
    """The lights of every car with its lights on."""

    def __init__(self, camera: Camera, view: View, lighting: Lighting) -> None:
        self._camera, self._view, self._lighting = camera, view, lighting
        self._white, self._red = Halo((1.0, 0.97, 0.92)), Halo((0.10, 0.09, 1.0))
        self._beam = beam_sprite(lighting.headlights)

    def light_road(self, picture: Pixels, cars: list[Placed], occlusion: Occlusion) -> list[Patch]:
        """Add the beams to the road, in place, before anything stands on it; returns what it added."""
        lights = []
        for car, at in cars:
            if at[1] > 45:
                continue
            h = np.array(car.course.heading)
            nose = (at[0] + 2.2 * float(h[0]), at[1] + 2.2 * float(h[1]))
            patch = beam_patch(self._camera, self._view, self._beam, nose, h)
            if patch is None:
                continue
            rows, cols = picture[patch.slices].shape[:2]
            grey = Patch(patch.x, patch.y, np.ascontiguousarray(patch.pixels[:rows, :cols]))
            occlusion.hide(grey, at[1] - 13 * abs(float(h[1])))
            colour = cv2.merge([cv2.convertScaleAbs(grey.pixels, alpha=k) for k in BEAM_COLOUR])
            lights.append(Patch(patch.x, patch.y, np.asarray(colour, np.uint8)))
            add_light(picture, lights[-1])
        return lights

    def on(self, cars: Sequence[Placed], base: BGR, x: float, z: float) -> BGR:
        """`base` light and what the cars throw on the near side of something at world x, z [m]."""
        total = 0.0
        for car, at in cars:
            hx, hz = car.course.heading
            ahead = (x - at[0]) * hx + (z - at[1]) * hz - 2.2
            aside = (x - at[0]) * hz - (z - at[1]) * hx
            if 0.3 < ahead < 40:
                facing = 0.12 + 0.88 * max(hz, 0.45 * abs(hx))
                spread = math.exp(-((aside / (1.0 + 0.16 * ahead)) ** 2))
                total += facing * spread * min(ahead / 3, 1) * math.exp(-ahead / 14)
        total *= self._lighting.headlights
        return base[0] + 0.9 * total, base[1] + total, base[2] + total

    def glare(self, picture: Pixels, placed: Placed, nearer: list[Patch]) -> list[Patch]:
        """Add the halos of one car's lamps, in place, where nothing nearer hides them; returns what it added."""
        lights = []
        car, at = placed
        hx, hz = car.course.heading
        for lamp, front in car.lamps(at):
            x, z = float(lamp[0]), float(lamp[2])
            facing = -(x * hx + z * hz) / math.hypot(x, z) * (1 if front else -1)
            if facing < 0.3:
                continue
            u, v = self._camera.project(lamp[None])[0].tolist()
            open_ = math.prod(1 - _cover(patch, u, v) for patch in nearer)
            power = facing ** (5 if front else 2) * open_ * self._lighting.headlights
            power *= min(max((158 - z) / 60, 0), 1)
            if power < 0.03:
                continue
            size = (0.06 + 2.4 / max(z, 3.0)) if front else (0.012 + 0.42 / max(z, 2.0))
            radius = self._camera.focal_px * size * (0.5 + 0.5 * power)
            light = (self._white if front else self._red).patch(self._view, (u, v), radius, power)
            if light is not None:
                add_light(picture, light)
                lights.append(light)
        return lights


def _cover(patch: Patch, u: float, v: float) -> float:
    """How much of the point a patch hides, 0 to 1."""
    row, col = round(v) - patch.y, round(u) - patch.x
    inside = 0 <= row < patch.pixels.shape[0] and 0 <= col < patch.pixels.shape[1]
    return int(patch.pixels[row, col, -1]) / 255 if inside else 0.0
