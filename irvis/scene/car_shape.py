"""The shape of a car as flat faces, with what each is made of."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .camera import Matrix


@dataclass(frozen=True)
class Face:
    """A flat piece of a car.

    Attributes:
        corners: (N, 3) points: x to the car's right, y up, z ahead [m], origin on the ground amidships.
        normal: (3,) outward direction, length 1.
        paint: Key of its colour: body, body_light, seam, glass, glass_light, dark, chrome, plate, tyre, rim,
            white or red.
        heat: Key of its temperature in `Lighting.temperature_c`.
    """

    corners: Matrix
    normal: Matrix
    paint: str
    heat: str


def _mirror(points: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    return [(-x, y, z) for x, y, z in points]


def _face(
    points: list[tuple[float, float, float]], paint: str, heat: str, inside: tuple[float, float, float]
) -> Face:
    corners = np.array(points)
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    normal /= np.linalg.norm(normal)
    outward = float(normal @ (corners.mean(0) - np.array(inside)))
    return Face(corners, normal if outward > 0 else -normal, paint, heat)


def _between(
    quad: list[tuple[float, float, float]], s0: float, s1: float, t0: float, t1: float
) -> list[tuple[float, float, float]]:
    """A part of a quad given as shares along it (bottom front, top front, top back, bottom back)."""
    a, b, c, d = np.array(quad)

    def at(s: float, t: float) -> tuple[float, float, float]:
        p = (1 - s) * ((1 - t) * a + t * b) + s * ((1 - t) * d + t * c)
        return float(p[0]), float(p[1]), float(p[2])

    return [at(s0, t0), at(s0, t1), at(s1, t1), at(s1, t0)]


def _wheel(x: float, z: float, radius: float, corners: int = 18) -> list[tuple[float, float, float]]:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return [(x, 0.32 + radius * float(np.sin(t)), z + radius * float(np.cos(t))) for t in turn]


def _arch(x: float, z: float) -> list[tuple[float, float, float]]:
    turn = np.linspace(-0.25, np.pi + 0.25, 12)
    return [(x, 0.32 + 0.4 * float(np.sin(t)), z + 0.4 * float(np.cos(t))) for t in turn]


@cache
def car_faces() -> list[Face]:
    """Every face of a hatchback 4.3 m long, in the order to paint them."""
    low, high = (0.0, 0.55, 0.0), (0.0, 1.1, -0.4)
    faces: list[Face] = []

    def add(
        points: list[tuple[float, float, float]], paint: str, heat: str, inside: tuple[float, float, float] = low
    ) -> None:
        faces.append(_face(points, paint, heat, inside))

    for z in (1.62, -1.66):
        for x in (0.66, -0.88):
            add([(x, 0.0, z), (x, 0.34, z), (x + 0.22, 0.34, z), (x + 0.22, 0.0, z)], "tyre", "car_tyre")
    side = [
        (0.88, 0.20, 1.95), (0.87, 0.30, 2.10), (0.86, 0.58, 2.12), (0.84, 0.70, 2.00), (0.84, 0.93, 0.95),
        (0.84, 0.97, -1.75), (0.84, 0.93, -2.10), (0.86, 0.60, -2.15), (0.87, 0.30, -2.13), (0.88, 0.20, -1.98),
    ]  # fmt: skip
    shoulder = [
        (0.845, 0.80, 1.5),
        (0.84, 0.93, 0.95),
        (0.84, 0.97, -1.75),
        (0.845, 0.86, -2.1),
        (0.85, 0.80, -2.1),
    ]
    sill = [(0.882, 0.19, 1.95), (0.882, 0.33, 2.05), (0.882, 0.33, -2.1), (0.882, 0.19, -1.98)]
    cabin = [(0.80, 0.93, 0.98), (0.60, 1.43, 0.12), (0.58, 1.42, -1.40), (0.77, 0.96, -1.92)]
    for flip in (False, True):
        turn = _mirror if flip else list[tuple[float, float, float]]
        add(turn(side), "body", "car_body")
        add(turn(shoulder), "body_light", "car_body")
        add(turn(sill), "dark", "car_under")
        add(
            turn([(0.886, 0.34, -0.1), (0.846, 0.93, -0.1), (0.846, 0.93, -0.12), (0.886, 0.34, -0.12)]),
            "seam",
            "car_body",
        )
        for z in (1.32, -1.34):
            add(turn(_arch(0.884, z)), "dark", "car_under")
            add(turn(_wheel(0.886, z, 0.325)), "tyre", "car_tyre")
            add(turn(_wheel(0.888, z, 0.215)), "rim", "car_rim")
            add(turn(_wheel(0.889, z, 0.07, 8)), "dark", "car_tyre")
    add([(-0.87, 0.22, 2.12), (-0.86, 0.60, 2.12), (0.86, 0.60, 2.12), (0.87, 0.22, 2.12)], "body", "car_body")
    add([(-0.86, 0.58, 2.12), (-0.80, 0.72, 2.00), (0.80, 0.72, 2.00), (0.86, 0.58, 2.12)], "body", "car_bonnet")
    add([(-0.80, 0.20, 2.13), (-0.80, 0.34, 2.13), (0.80, 0.34, 2.13), (0.80, 0.20, 2.13)], "dark", "car_bonnet")
    add([(-0.40, 0.44, 2.13), (-0.44, 0.62, 2.13), (0.44, 0.62, 2.13), (0.40, 0.44, 2.13)], "dark", "car_grille")
    add([(-0.26, 0.33, 2.14), (-0.26, 0.44, 2.14), (0.26, 0.44, 2.14), (0.26, 0.33, 2.14)], "plate", "car_body")
    for s in (1, -1):
        add(
            [(s * 0.48, 0.53, 2.14), (s * 0.50, 0.66, 2.14), (s * 0.80, 0.69, 2.10), (s * 0.84, 0.55, 2.12)],
            "white",
            "car_lamp",
        )
    add([(-0.85, 0.24, -2.15), (-0.84, 0.95, -2.12), (0.84, 0.95, -2.12), (0.85, 0.24, -2.15)], "body", "car_body")
    add(
        [(-0.82, 0.20, -2.16), (-0.82, 0.40, -2.16), (0.82, 0.40, -2.16), (0.82, 0.20, -2.16)], "dark", "car_under"
    )
    add(
        [(-0.26, 0.56, -2.17), (-0.26, 0.68, -2.17), (0.26, 0.68, -2.17), (0.26, 0.56, -2.17)], "plate", "car_body"
    )
    add(
        [(0.44, 0.21, -2.17), (0.44, 0.29, -2.17), (0.58, 0.29, -2.17), (0.58, 0.21, -2.17)],
        "chrome",
        "car_exhaust",
    )
    for s in (1, -1):
        add(
            [(s * 0.56, 0.70, -2.16), (s * 0.56, 0.88, -2.15), (s * 0.84, 0.90, -2.13), (s * 0.85, 0.68, -2.14)],
            "red",
            "car_body",
        )
    add([(-0.80, 0.71, 2.0), (-0.80, 0.95, 0.97), (0.80, 0.95, 0.97), (0.80, 0.71, 2.0)], "body", "car_bonnet")
    add(
        [(-0.77, 0.98, -1.85), (-0.80, 0.95, -2.12), (0.80, 0.95, -2.12), (0.77, 0.98, -1.85)],
        "body",
        "car_body",
        high,
    )
    for flip in (False, True):
        turn = _mirror if flip else list[tuple[float, float, float]]
        add(turn(cabin), "body", "car_body", high)
        add(turn(_between(cabin, 0.20, 0.52, 0.14, 0.86)), "glass", "car_glass", high)
        add(turn(_between(cabin, 0.56, 0.90, 0.14, 0.86)), "glass", "car_glass", high)
    front = [(-0.80, 0.93, 0.98), (-0.60, 1.43, 0.12), (0.60, 1.43, 0.12), (0.80, 0.93, 0.98)]
    back = [(-0.77, 0.96, -1.92), (-0.58, 1.42, -1.40), (0.58, 1.42, -1.40), (0.77, 0.96, -1.92)]
    for quad in (front, back):
        add(quad, "body", "car_body", high)
        add(_between(quad, 0.04, 0.96, 0.06, 0.94), "glass", "car_glass", high)
        add(_between(quad, 0.10, 0.55, 0.62, 0.90), "glass_light", "car_glass", high)
    add(
        [(-0.60, 1.43, 0.12), (0.60, 1.43, 0.12), (0.58, 1.42, -1.40), (-0.58, 1.42, -1.40)],
        "body_light",
        "car_roof",
        high,
    )
    return faces


HEADLIGHTS_M = np.array([(-0.66, 0.61, 2.16), (0.66, 0.61, 2.16)])
"""Where the headlights are, as the faces' corners."""
TAILLIGHTS_M = np.array([(-0.70, 0.79, -2.18), (0.70, 0.79, -2.18)])
"""Where the tail lights are."""
