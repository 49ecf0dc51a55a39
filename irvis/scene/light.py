"""The time of day: sky, ambient light, street lamps, and how warm each thing is in the infrared."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .config import Light

BGR = tuple[float, float, float]

LAMPS_M = ((2.0, 23.5), (-7.7, 34.0), (2.0, 46.0), (-7.7, 58.0), (2.0, 72.0), (3.6, 5.0))
"""x, z of each street lamp's foot [m]; the last stands out of view and lights the foreground."""
LAMP_HEIGHT_M = 6.2
LAMP_POWER = 31.0
LAMP_COLOUR: BGR = (0.55, 0.83, 1.0)
BEAM_COLOUR: BGR = (0.80, 0.95, 1.0)
_HEADS_M = tuple((x - math.copysign(1.3, x), z) for x, z in LAMPS_M)


@dataclass(frozen=True)
class Lighting:
    """One time of day.

    Attributes:
        ambient: Light on everything, BGR, 1 shows white as 255.
        sun: Light added where the sun falls, BGR.
        sky: Colours of the sky at the top and at the horizon, BGR 0 to 255.
        lamps: Power of the street lamps, 0 is off.
        lit_windows: Share of the windows that are lit.
        headlights: Power of the cars' lights.
        coldest_c: Temperature shown black [degrees C].
        warmest_c: Temperature shown white [degrees C].
        temperature_c: Temperature of each material [degrees C].
    """

    ambient: BGR
    sun: BGR
    sky: tuple[BGR, BGR]
    lamps: float
    lit_windows: float
    headlights: float
    coldest_c: float
    warmest_c: float
    temperature_c: dict[str, float]

    @property
    def far_colour(self) -> NDArray[np.float32]:
        """(3,) BGR, 0 to 255: what everything far away fades to."""
        top, low = (np.array(colour, np.float32) for colour in self.sky)
        return np.asarray(0.42 * top + 0.35 * low, np.float32)

    def level(self, temperature_c: float) -> float:
        """The infrared camera's grey level, 0 to 255, for a temperature [degrees C]."""
        share = (temperature_c - self.coldest_c) / (self.warmest_c - self.coldest_c)
        return min(max(255 * share, 0.0), 255.0)

    def heat(self, material: str) -> float:
        """The infrared grey level of a material."""
        return self.level(self.temperature_c[material])

    def at(self, x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32]) -> NDArray[np.float32]:
        """Ambient and lamp light at world points [m] of one shape; returns that shape + (3,), BGR."""
        total = np.zeros((*np.broadcast_shapes(x.shape, y.shape, z.shape), 3), np.float32)
        total += np.array(self.ambient, np.float32)
        if self.lamps:
            for lamp_x, lamp_z in _HEADS_M:
                drop = np.maximum(LAMP_HEIGHT_M - y, 0.3)
                square = (x - lamp_x) ** 2 + (z - lamp_z) ** 2 + drop**2
                power = self.lamps * LAMP_POWER * drop / (square * np.sqrt(square))
                total += power[..., None] * np.array(LAMP_COLOUR, np.float32)
        return total

    def on(self, x: float, y: float, z: float) -> BGR:
        """`at` for one point, the sun included."""
        drop = max(LAMP_HEIGHT_M - y, 0.3)
        power = 0.0
        if self.lamps:
            squares = ((x - lamp_x) ** 2 + (z - lamp_z) ** 2 + drop**2 for lamp_x, lamp_z in _HEADS_M)
            power = self.lamps * LAMP_POWER * drop * sum(square**-1.5 for square in squares)
        (a, b, c), (d, e, f), (g, h, i) = self.ambient, self.sun, LAMP_COLOUR
        return (
            min(a + 0.7 * d + power * g, 1.3),
            min(b + 0.7 * e + power * h, 1.3),
            min(c + 0.7 * f + power * i, 1.3),
        )


_NIGHT_C = {
    "sky": -6.0, "sky_low": 4.0, "road": 13.2, "paint": 11.2, "pavement": 10.3, "kerb": 9.3, "wall": 11.8,
    "window": 7.2, "window_lit": 16.5, "roof": 6.0, "leaf": 8.2, "trunk": 10.5, "metal": 5.2, "far": 8.5,
    "skin": 31.5, "hair": 26.5, "cloth": 22.0, "trousers": 23.0, "shoe": 17.0, "lamp": 27.0,
    "car_body": 8.6, "car_glass": 6.6, "car_bonnet": 21.5, "car_tyre": 22.0, "car_exhaust": 40.0,
    "car_under": 19.5, "car_lamp": 29.0, "plastic": 7.5, "bike": 11.0, "door": 14.5,
}  # fmt: skip
_DUSK_C = {k: v + 4 for k, v in _NIGHT_C.items()} | {
    "sky": -2.0, "sky_low": 8.0, "road": 20.5, "paint": 19.0, "pavement": 17.5, "kerb": 16.5, "wall": 18.5,
    "leaf": 13.5, "skin": 33.0, "hair": 28.0, "cloth": 24.5, "trousers": 25.5,
}  # fmt: skip
_DAY_C = {k: v + 11 for k, v in _NIGHT_C.items()} | {
    "sky": 3.0, "sky_low": 12.0, "road": 27.0, "paint": 23.5, "pavement": 24.0, "kerb": 23.0, "wall": 20.0,
    "window": 15.5, "window_lit": 16.0, "roof": 22.0, "leaf": 17.0, "trunk": 18.5, "skin": 35.0, "hair": 33.5,
    "cloth": 31.0, "trousers": 31.5, "shoe": 28.0, "car_body": 22.5, "car_glass": 16.5, "car_bonnet": 35.0,
    "car_tyre": 34.0, "car_exhaust": 42.0, "car_under": 31.0, "metal": 17.0, "far": 17.5, "plastic": 19.5,
}  # fmt: skip

LIGHTINGS: dict[Light, Lighting] = {
    "day": Lighting(
        (0.66, 0.62, 0.58), (0.36, 0.42, 0.45), ((225, 165, 105), (245, 232, 218)), 0, 0.0, 0.0, 5, 40, _DAY_C
    ),
    "dusk": Lighting(
        (0.36, 0.29, 0.28), (0.0, 0.0, 0.0), ((120, 78, 58), (120, 165, 232)), 0.55, 0.4, 0.75, 5, 37, _DUSK_C
    ),
    "night": Lighting(
        (0.085, 0.062, 0.055), (0.0, 0.0, 0.0), ((30, 17, 12), (52, 40, 34)), 1.0, 0.33, 1.0, 5.0, 32, _NIGHT_C
    ),
}
"""The three times of day."""
