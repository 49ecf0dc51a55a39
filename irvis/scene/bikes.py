"""A bike and its rider, seen from the side: turning cranks, bent knees, cold frame under a warm body."""

import math

import numpy as np

from .body import Canvas
from .camera import Matrix
from .light import BGR, Lighting
from .people import Figure, Look

PHASES = 12
GEAR_M = 4.6
"""Ground covered in one turn of the cranks."""
_REAR, _FRONT, _CRANK = np.array([-0.50, 0.34]), np.array([0.54, 0.34]), np.array([-0.06, 0.29])
_SADDLE, _HEAD, _BAR = np.array([-0.20, 0.93]), np.array([0.36, 0.86]), np.array([0.40, 1.04])


def draw_bike(frame: BGR, lighting: Lighting, px_per_m: float, mirror: bool) -> Figure:
    """The bike alone at every phase of the cranks; it heads right, `mirror` turns it left."""

    def draw(phase: int) -> Canvas:
        canvas = Canvas(2.0, 2.0, px_per_m)
        _bike(_Side(canvas, mirror), frame, lighting, 2 * math.pi * phase / PHASES)
        return canvas

    return Figure(PHASES, draw, spot_m=1.9)


def draw_rider(look: Look, lighting: Lighting, px_per_m: float, mirror: bool) -> Figure:
    """The rider alone at every phase of the cranks; heading right, `mirror` turns them left."""

    def draw(phase: int) -> Canvas:
        canvas = Canvas(2.0, 2.0, px_per_m)
        _rider(_Side(canvas, mirror), look, lighting, 2 * math.pi * phase / PHASES)
        return canvas

    return Figure(PHASES, draw, spot_m=0.0)


class _Side:
    """A canvas that can be mirrored."""

    def __init__(self, canvas: Canvas, mirror: bool) -> None:
        self.canvas, self.to = canvas, np.array([-1.0 if mirror else 1.0, 1.0])

    def limb(self, a: Matrix, b: Matrix, ra: float, rb: float, colour: BGR, heat: float) -> None:
        self.canvas.limb(a * self.to, b * self.to, ra, rb, colour, heat)

    def blob(self, c: Matrix, rx: float, ry: float, colour: BGR, heat: float) -> None:
        self.canvas.ellipse(c * self.to, rx, ry, colour, heat)

    def line(self, points: list[Matrix], width: float, colour: BGR, heat: float, closed: bool = False) -> None:
        self.canvas.line(np.stack(points) * self.to, width, colour, heat, closed)


def _bike(side: _Side, frame: BGR, lighting: Lighting, turn: float) -> None:
    cold, tyre = lighting.heat("bike"), lighting.heat("shoe")
    circle = np.linspace(0, 2 * math.pi, 32, endpoint=False)
    for hub in (_REAR, _FRONT):
        for k in range(6):
            spoke = turn * GEAR_M / (2 * math.pi * 0.34) + k * math.pi / 6
            way = 0.32 * np.array([math.cos(spoke), -math.sin(spoke)])
            side.line([hub - way, hub + way], 0.008, (0.3, 0.3, 0.3), cold)
        ring = hub + 0.33 * np.stack([np.cos(circle), np.sin(circle)], 1)
        side.line(list(ring), 0.04, (0.05, 0.05, 0.05), tyre, closed=True)
    for a, b in (
        (_REAR, _CRANK),
        (_CRANK, _HEAD),
        (_SADDLE * [1, 0.95], _CRANK),
        (_SADDLE * [1, 0.88], _HEAD),
        (_REAR, _SADDLE * [1, 0.9]),
        (_FRONT, _BAR),
    ):
        side.line([a, b], 0.036, frame, cold)
    side.line([_BAR + np.array([-0.06, 0.02]), _BAR, _BAR + np.array([0.06, 0.0])], 0.035, (0.1, 0.1, 0.1), cold)
    side.limb(
        _SADDLE + np.array([-0.12, 0.01]), _SADDLE + np.array([0.10, 0.0]), 0.035, 0.02, (0.06, 0.06, 0.06), tyre
    )
    pedal = 0.17 * np.array([math.cos(turn), -math.sin(turn)])
    side.line([_CRANK - pedal, _CRANK + pedal], 0.03, (0.2, 0.2, 0.2), cold)
    side.blob(_CRANK, 0.08, 0.08, (0.16, 0.16, 0.16), cold)


def _joint(a: Matrix, b: Matrix, first: float, second: float, way: float) -> Matrix:
    """Where a limb of two lengths [m] from a to b bends; `way` +1 bends left of the line from a to b."""
    d = b - a
    length = min(math.hypot(d[0], d[1]), first + second - 1e-3)
    along = (first**2 - second**2 + length**2) / (2 * length)
    out = math.sqrt(max(first**2 - along**2, 0))
    unit = d / max(math.hypot(d[0], d[1]), 1e-9)
    bend: Matrix = a + unit * along + way * out * np.array([-unit[1], unit[0]])
    return bend


def _rider(side: _Side, look: Look, lighting: Lighting, turn: float) -> None:
    heat = {k: lighting.heat(k) for k in ("skin", "hair", "cloth", "trousers", "shoe")}
    hip, shoulder = _SADDLE + np.array([0.02, 0.07]), np.array([0.16, 1.45])
    for sign, bright in ((-1, 0.72), (1, 1.0)):
        cloth: BGR = (look.trousers[0] * bright, look.trousers[1] * bright, look.trousers[2] * bright)
        foot = _CRANK + sign * 0.17 * np.array([math.cos(turn), -math.sin(turn)]) + [-0.04, 0.09]
        knee = _joint(hip, foot, 0.44, 0.44, 1.0)
        side.limb(
            foot + np.array([-0.02, -0.03]),
            foot + np.array([0.15, -0.05]),
            0.045,
            0.035,
            (0.08, 0.08, 0.08),
            heat["shoe"],
        )
        side.limb(knee, foot, 0.066, 0.046, cloth, heat["trousers"] * 0.98)
        side.limb(hip, knee, 0.095, 0.07, cloth, heat["trousers"])
        if sign < 0:
            side.limb(hip, shoulder, 0.13, 0.125, look.jacket, heat["cloth"])
    hand = _BAR + np.array([-0.01, 0.03])
    elbow = _joint(shoulder, hand, 0.29, 0.26, -1.0)
    side.blob(hand, 0.045, 0.045, look.skin, heat["skin"] * 0.95)
    side.limb(elbow, hand, 0.05, 0.042, look.jacket, heat["cloth"] * 1.03)
    side.limb(shoulder - [0, 0.02], elbow, 0.068, 0.054, look.jacket, heat["cloth"])
    head = shoulder + np.array([0.12, 0.25])
    side.limb(shoulder + np.array([0.03, 0.05]), head, 0.05, 0.055, look.skin, heat["skin"])
    side.blob(head, 0.09, 0.115, look.skin, heat["skin"] * 1.02)
    side.blob(head + np.array([-0.015, 0.06]), 0.115, 0.075, look.hair, heat["hair"])
