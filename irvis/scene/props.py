"""Street furniture that stands still and may hide what moves: trees, lamps, signs, cones, a rail."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from .body import Canvas
from .camera import Camera, View
from .light import BGR, LAMP_HEIGHT_M, LAMPS_M, Lighting
from .objects import CLASS_IDS
from .plants import draw_hedge, draw_tree
from .sprite import Patch, Sprite, place

STEEL: BGR = (0.34, 0.35, 0.36)


@dataclass(frozen=True)
class Prop:
    """A still thing at its place.

    Attributes:
        sprite: What it looks like.
        x: World x of its foot [m].
        z: Its depth [m].
        class_id: Its class in the label picture.
        foot_m: Width and depth of its shadow on the ground [m].
        opaque: Whether what stands behind it has no place in the truth.
        flip: Whether it is mirrored.
    """

    sprite: Sprite
    x: float
    z: float
    class_id: int = 0
    foot_m: tuple[float, float] = (0.6, 0.5)
    opaque: bool = True
    flip: bool = False

    def patch(self, camera: Camera, view: View, warm: bool) -> Patch | None:
        """The prop in a view, as reflectance or as heat."""
        matrix = camera.billboard(self.x, self.z, self.sprite.anchor, self.sprite.px_per_m)
        if self.flip:
            matrix = matrix @ np.array([[-1, 0, 2 * self.sprite.anchor[0]], [0, 1, 0], [0, 0, 1]])
        return place(view, self.sprite.heat if warm else self.sprite.colour, matrix, fine=2)


def furnish(camera: Camera, lighting: Lighting, seed: int) -> list[Prop]:
    """Everything that stands in the street, farthest first."""
    scale = min(max(camera.focal_px / 10, 24), 90)
    trees = [draw_tree(seed, f"tree {k}", lighting, scale * 0.55, h) for k, h in enumerate((6.4, 5.4))]
    cone = _cone(lighting, scale)
    props = [
        Prop(trees[k % 2], x, z, foot_m=(2.6, 2.0), flip=k % 3 == 1)
        for k, (x, z) in enumerate([(3.4, 62), (-8.3, 70), (3.5, 37.5), (-8.5, 47), (3.6, 29), (-8.6, 28.5)])
    ]
    props += [Prop(_lamp(lighting, scale * 0.8, -1 if x > 0 else 1), x, z) for x, z in LAMPS_M[:-1]]
    props += [
        Prop(trees[0], -8.75, 13.6, foot_m=(2.0, 1.4)),
        Prop(draw_hedge(seed, lighting, scale, 3.2, 2.15), 4.25, 9.7, foot_m=(4.4, 2.0), opaque=False),
    ]
    props += [Prop(_board(lighting, scale), 3.2, 14.2), Prop(_speed(lighting, scale), -7.5, 22.3)]
    props += [Prop(cone, 1.0 - 0.12 * k, z, CLASS_IDS["color_cone"]) for k, z in enumerate((6.6, 7.7, 8.8))]
    props += [Prop(_rail(lighting, scale), -9.45, 21.9, CLASS_IDS["guardrail"], (4.4, 0.5))]
    return sorted(props, key=lambda prop: -prop.z)


def _lamp(lighting: Lighting, scale: float, towards: int) -> Sprite:
    """A street lamp whose arm reaches over the road."""
    canvas = Canvas(4.0, LAMP_HEIGHT_M + 0.6, scale)
    metal, top = lighting.heat("metal") * 1.2, LAMP_HEIGHT_M
    canvas.limb(np.array([0, 0.0]), np.array([0, 0.9]), 0.11, 0.10, STEEL, metal)
    canvas.limb(np.array([0, 0.9]), np.array([0, top - 0.3]), 0.075, 0.05, STEEL, metal)
    bend = np.array([[0, top - 0.4], [towards * 0.25, top], [towards * 1.0, top + 0.1]])
    canvas.line(bend, 0.07, STEEL, metal)
    head = "lamp" if lighting.lamps else "metal"
    canvas.limb(
        bend[2], bend[2] + np.array([towards * 0.5, 0.0]), 0.09, 0.07, (0.30, 0.31, 0.32), lighting.heat(head)
    )
    return canvas.sprite()


def _text(canvas: Canvas, words: list[str], left: float, bottom: float, size_m: float, ink: BGR) -> None:
    """Write lines of text, the last one's baseline at `bottom`; only the visible camera sees paint."""
    scale = 2 * canvas.px_per_m
    for k, word in enumerate(reversed(words)):
        x = round(canvas.colour.shape[1] / 2 + left * scale)
        y = round((canvas.height_m - 0.1 - bottom - 1.55 * size_m * k) * scale)
        b, g, r = (255 * c for c in ink)
        font = size_m * scale / 22
        cv2.putText(
            canvas.colour,
            word,
            (x, y),
            cv2.FONT_HERSHEY_DUPLEX,
            font,
            (b, g, r, 255),
            max(round(font * 2.0), 1),
            cv2.LINE_AA,
        )


def _box(canvas: Canvas, x: float, y: float, w: float, h: float, colour: BGR, heat: float) -> None:
    canvas.polygon(np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]), colour, heat)


def _board(lighting: Lighting, scale: float) -> Sprite:
    """A blue direction board on two posts."""
    canvas = Canvas(3.2, 4.4, scale)
    metal = lighting.heat("metal")
    for x in (-0.95, 0.95):
        canvas.limb(np.array([x, 0.0]), np.array([x, 4.1]), 0.05, 0.05, STEEL, metal * 1.2)
    _box(canvas, -1.4, 2.55, 2.8, 1.55, (0.85, 0.85, 0.85), metal)
    _box(canvas, -1.35, 2.60, 2.7, 1.45, (0.62, 0.27, 0.04), metal * 0.97)
    _text(canvas, ["CENTRE", "STATION"], -1.22, 2.88, 0.36, (0.95, 0.95, 0.95))
    arrow = np.array([[0.98, 3.62], [1.18, 3.83], [0.98, 4.0]]) - (0, 0.12)
    canvas.line(arrow, 0.06, (0.95, 0.95, 0.95), metal * 0.97)
    return canvas.sprite()


def _speed(lighting: Lighting, scale: float) -> Sprite:
    """A round speed limit sign."""
    canvas = Canvas(1.2, 3.2, scale)
    metal, t = lighting.heat("metal"), np.linspace(0, 2 * math.pi, 32, endpoint=False)
    ring = np.stack([np.cos(t), np.sin(t)], 1)
    canvas.limb(np.array([0, 0.0]), np.array([0, 2.9]), 0.04, 0.04, STEEL, metal * 1.2)
    canvas.polygon(ring * 0.46 + [0, 2.55], (0.10, 0.08, 0.70), metal)
    canvas.polygon(ring * 0.35 + [0, 2.55], (0.90, 0.90, 0.90), metal)
    _text(canvas, ["30"], -0.27, 2.38, 0.34, (0.05, 0.05, 0.05))
    return canvas.sprite()


def _cone(lighting: Lighting, scale: float) -> Sprite:
    """An orange cone with two white bands."""
    canvas = Canvas(0.7, 0.95, scale)
    cold = lighting.heat("plastic")
    canvas.ellipse(np.array([0, 0.03]), 0.24, 0.06, (0.05, 0.16, 0.55), cold)
    for low, high, colour in (
        (0.05, 0.25, (0.06, 0.30, 0.88)), (0.25, 0.40, (0.85, 0.85, 0.85)), (0.40, 0.52, (0.06, 0.30, 0.88)),
        (0.52, 0.63, (0.85, 0.85, 0.85)), (0.63, 0.76, (0.06, 0.30, 0.88)),
    ):  # fmt: skip
        r0, r1 = 0.17 * (1 - low / 0.92), 0.17 * (1 - high / 0.92)
        for side, bright in ((1.0, 0.72), (0.62, 1.0), (0.2, 1.1)):
            shift = -0.18 * (1 - side)
            points = np.array(
                [
                    [(-side + shift) * r0, low],
                    [(side + shift) * r0, low],
                    [(side + shift) * r1, high],
                    [(-side + shift) * r1, high],
                ]
            )
            canvas.polygon(
                points, (colour[0] * bright, colour[1] * bright, colour[2] * bright), cold * (1.05 - 0.1 * side)
            )
    return canvas.sprite()


def _rail(lighting: Lighting, scale: float) -> Sprite:
    """A pedestrian guard rail, seen square on."""
    canvas = Canvas(4.4, 1.25, scale)
    metal = lighting.heat("metal")
    grey: BGR = (0.50, 0.52, 0.53)
    for x in np.linspace(-2, 2, 5):
        canvas.line(np.array([[x, 0.0], [x, 1.05]]), 0.06, grey, metal)
    for x in np.linspace(-1.9, 1.9, 29):
        canvas.line(np.array([[x, 0.2], [x, 0.95]]), 0.022, grey, metal)
    for y in (0.2, 0.95, 1.05):
        canvas.line(np.array([[-2, y], [2, y]]), 0.05, grey, metal)
    return canvas.sprite()
