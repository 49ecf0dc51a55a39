"""People: walking figures with a gait, dressed, seen from any side; warm heads and hands in the infrared."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .body import Canvas
from .camera import Matrix
from .light import BGR, Lighting
from .sprite import Sprite

PHASES = 20
STRIDE_M = 1.42
"""Ground covered in one cycle of the gait, so that the feet do not slide."""
_THIGH_M, _SHIN_M = 0.44, 0.43


@dataclass(frozen=True)
class Look:
    """What a person wears and how tall they are.

    Attributes:
        jacket: Reflectance of the jacket, BGR 0 to 1.
        trousers: Of the trousers.
        hair: Of hair or hat.
        skin: Of the skin.
        height_m: Their height.
        bag: Whether they carry a rucksack.
        coat_m: How far the jacket reaches below the hip.
    """

    jacket: BGR
    trousers: BGR
    hair: BGR = (0.06, 0.08, 0.10)
    skin: BGR = (0.45, 0.56, 0.74)
    height_m: float = 1.75
    bag: bool = False
    coat_m: float = 0.12


LOOKS = (
    Look((0.16, 0.14, 0.62), (0.34, 0.22, 0.15), height_m=1.72, bag=True),
    Look((0.50, 0.38, 0.20), (0.12, 0.12, 0.13), (0.10, 0.16, 0.26), height_m=1.83),
    Look((0.55, 0.66, 0.72), (0.42, 0.28, 0.18), (0.14, 0.30, 0.42), height_m=1.66, coat_m=0.38),
    Look((0.24, 0.24, 0.25), (0.20, 0.20, 0.21), skin=(0.30, 0.36, 0.46), height_m=1.79),
    Look((0.20, 0.36, 0.22), (0.30, 0.34, 0.38), (0.30, 0.30, 0.32), height_m=1.70),
    Look((0.20, 0.60, 0.78), (0.16, 0.14, 0.14), height_m=1.76),
)
"""The wardrobe."""


class Figure:
    """A person or a bike at every phase of its gait, each drawn when it is first wanted."""

    def __init__(self, phases: int, draw: Callable[[int], Canvas], spot_m: float) -> None:
        """Make a figure of `phases` that `draw` draws, with a shadow of width `spot_m`, 0 for none."""
        self.phases = phases
        self._draw, self._spot_m = draw, spot_m
        self._drawn: dict[int, Sprite] = {}

    def at(self, phase: int) -> Sprite:
        """The figure at one of its phases."""
        if phase not in self._drawn:
            self._drawn[phase] = self._draw(phase).sprite(self._spot_m)
        return self._drawn[phase]


def draw_figure(look: Look, heading_deg: float, lighting: Lighting, px_per_m: float, phases: int) -> Figure:
    """One person at `phases` phases of a cycle.

    Args:
        look: Clothes and height.
        heading_deg: Walking direction in the picture: 0 right, 90 away, 180 left, 270 towards the camera.
        lighting: Gives the warmth of skin and cloth.
        px_per_m: Size of the sprite.
        phases: Number of phases; 1 draws a person who stands.
    """

    def draw(phase: int) -> Canvas:
        canvas = Canvas(1.5, look.height_m + 0.22, px_per_m)
        swing = 1.0 if phases > 1 else 0.15
        _Walker(canvas, look, math.radians(heading_deg), 2 * math.pi * phase / phases, swing, lighting).draw()
        return canvas

    return Figure(phases, draw, spot_m=0.95)


class _Walker:
    """One person at one phase, drawn part by part from the far side to the near one."""

    def __init__(
        self, canvas: Canvas, look: Look, heading: float, phase: float, swing: float, lighting: Lighting
    ) -> None:
        self.canvas, self.look, self.phase, self.swing = canvas, look, phase, swing
        self.ahead, self.aside = math.cos(heading), math.sin(heading)
        self.size = look.height_m / 1.75
        self.warm = {k: lighting.heat(k) for k in ("skin", "hair", "cloth", "trousers", "shoe")}
        self.legs = {1: _leg(phase, swing), -1: _leg(phase + math.pi, swing)}
        self.hip = max(-min(ankle[1], toe[1]) for _, ankle, toe in self.legs.values()) + 0.065
        self.lean = 0.04 * swing
        self.far = 1 if self.ahead > 0 else -1

    def at(self, forward: float, left: float, up: float) -> Matrix:
        """A point of the body -> (2,) sprite metres."""
        return np.array([forward * self.ahead - left * self.aside, up]) * self.size

    def draw(self) -> None:
        self._arm(self.far)
        self._leg(self.far)
        self._leg(-self.far)
        self._torso()
        self._arm(-self.far)
        self._head()

    def _leg(self, side: int) -> None:
        knee, ankle, toe = self.legs[side]
        cloth = _scaled(self.look.trousers, 0.78 if side == self.far else 1.0)
        heat = self.warm["trousers"]
        hip = self.at(0, 0.085 * side, self.hip)
        k = self.at(knee[0], 0.09 * side, self.hip + knee[1])
        a = self.at(ankle[0], 0.09 * side, self.hip + ankle[1])
        t = self.at(toe[0], 0.12 * side, self.hip + toe[1])
        s = self.size
        self.canvas.limb(a + np.array([0, 0.01]), t, 0.05 * s, 0.036 * s, (0.09, 0.09, 0.10), self.warm["shoe"])
        self.canvas.limb(k, a, 0.066 * s, 0.05 * s, cloth, heat * 0.96)
        self.canvas.limb(hip, k, 0.1 * s, 0.07 * s, cloth, heat)

    def _arm(self, side: int) -> None:
        turn = 0.0 if side == 1 else math.pi
        angle = -0.45 * self.swing * math.sin(self.phase + turn) + 0.02
        bend = 0.2 + 0.3 * max(0.0, angle)
        top = self.hip + 0.5
        elbow = (self.lean + 0.29 * math.sin(angle), top - 0.29 * math.cos(angle))
        wrist = (elbow[0] + 0.25 * math.sin(angle + bend), elbow[1] - 0.25 * math.cos(angle + bend))
        s = self.at(self.lean, 0.175 * side, top)
        e, w = self.at(elbow[0], 0.225 * side, elbow[1]), self.at(wrist[0], 0.225 * side, wrist[1])
        cloth = _scaled(self.look.jacket, 0.75 if side == self.far else 1.04)
        size, heat = self.size, self.warm["cloth"]
        self.canvas.ellipse(
            w + (w - e) * 0.24, 0.043 * size, 0.058 * size, self.look.skin, self.warm["skin"] * 0.95
        )
        self.canvas.limb(e, w, 0.054 * size, 0.043 * size, cloth, heat * 1.03)
        self.canvas.limb(s, e, 0.07 * size, 0.056 * size, cloth, heat)

    def _torso(self) -> None:
        look, size, heat = self.look, self.size, self.warm["cloth"]
        wide = 0.11 + 0.045 * abs(self.aside)
        low = self.at(0, 0, self.hip - look.coat_m * 0.6)
        high = self.at(self.lean, 0, self.hip + 0.46)
        if look.bag:
            pack = self.at(self.lean - 0.2, 0, self.hip + 0.32)
            self.canvas.ellipse(
                pack, (0.1 + 0.07 * abs(self.aside)) * size, 0.21 * size, (0.14, 0.16, 0.17), heat * 0.8
            )
        self.canvas.limb(low, high, (wide + 0.005) * size, (wide + 0.01) * size, look.jacket, heat)
        chest = self.at(self.lean, 0, self.hip + 0.42)
        self.canvas.ellipse(chest, (wide + 0.045 * abs(self.aside)) * size, 0.12 * size, look.jacket, heat * 1.04)

    def _head(self) -> None:
        look, size = self.look, self.size
        neck, head = (self.at(self.lean * k, 0, self.hip + up) for k, up in ((1.2, 0.55), (1.8, 0.72)))
        self.canvas.limb(neck, head, 0.055 * size, 0.06 * size, _scaled(look.skin, 0.85), self.warm["skin"])
        away = self.aside > 0.5
        face = _scaled(look.hair, 1.0) if away else look.skin
        heat = self.warm["hair"] if away else self.warm["skin"] * 1.02
        self.canvas.ellipse(head, 0.088 * size, 0.118 * size, face, heat)
        if not away:
            back = np.array([-0.04 * self.ahead, 0.052]) * size
            self.canvas.ellipse(head + back, 0.08 * size, 0.075 * size, look.hair, self.warm["hair"])


def _scaled(colour: BGR, by: float) -> BGR:
    return colour[0] * by, colour[1] * by, colour[2] * by


def _leg(phase: float, swing: float) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Knee, ankle and toe (forward, up) from the hip [m] at a phase of the gait."""
    thigh = swing * (0.43 * math.sin(phase) + 0.08)
    bend = swing * (0.10 + 0.95 * max(0.0, math.cos(phase)) ** 2)
    shin = thigh - bend
    knee = (_THIGH_M * math.sin(thigh), -_THIGH_M * math.cos(thigh))
    ankle = (knee[0] + _SHIN_M * math.sin(shin), knee[1] - _SHIN_M * math.cos(shin))
    point = 0.55 * shin
    return knee, ankle, (ankle[0] + 0.17 * math.cos(point), ankle[1] + 0.17 * math.sin(point) - 0.02)
