"""Street furniture drawn into labelled pictures: MSRS shows a guardrail in four of 200, and we need many more.

Shapes, colours and light are drawn at random over wide ranges rather than made to look real (domain randomisation;
Tobin et al., IROS 2017). As in MSRS' labels, what stands behind bars belongs to the thing that they make up.
"""

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.frame import Pixels

from ..losses.semantic import IGNORED
from ..segmentation import CLASSES

Points = NDArray[np.float64]
"""(N, 2) of x and y [px]."""
Shape = tuple[Points, float]
"""A filled polygon and how much of the light it throws back, as a share of its colour."""

COLOURS = ((30, 60, 220), (40, 110, 235), (60, 140, 60), (170, 90, 30), (40, 190, 220), (235, 235, 235))
"""BGR of red, orange, green, blue, yellow and white paint."""
GRAYS = (25, 235)
"""Darkest and brightest unpainted thing."""
SUBPIXEL_BITS = 4
MARGIN_PX = 4
"""Around a thing, for its blurred edges."""


def draw_furniture(picture: Pixels, labels: Pixels, rng: np.random.Generator) -> None:
    """Draw one to three things of one kind into a picture and its labels, in place.

    Args:
        picture: (H, W, 3) BGR uint8.
        labels: (H, W) uint8 class ids; 255 stays ignored.
        rng: Decides everything.
    """
    kind, draw = _KINDS[rng.integers(len(_KINDS))]
    label = CLASSES.index(kind)
    for _ in range(1 if kind == "guardrail" else int(rng.integers(1, 4))):
        outlines, shapes = draw(picture.shape[0], picture.shape[1], rng)
        _paint(picture, shapes, rng)
        covered = _filled(labels.shape, outlines) >= 0.5
        labels[covered & (labels != IGNORED)] = label


def _cone(height: int, width: int, rng: np.random.Generator) -> tuple[list[Points], list[Shape]]:
    foot, tall = _place(height, width, rng, 12, 90)
    top, base = tall * rng.uniform(0.02, 0.08), tall * rng.uniform(0.18, 0.3)

    def ring(low: float, high: float) -> Points:
        halves = [base + (top - base) * at for at in (low, high)]
        xs = (-halves[0], halves[0], halves[1], -halves[1])
        corners = [(x, -tall * at) for x, at in zip(xs, (low, low, high, high), strict=True)]
        return np.add(foot, corners)

    body, plate = ring(0, 1), _box(foot, base * rng.uniform(1, 1.5), tall * rng.uniform(0.03, 0.1))
    edges = np.linspace(rng.uniform(0.1, 0.3), rng.uniform(0.7, 0.9), 2 * int(rng.integers(1, 4)))
    stripes = [(ring(low, high), rng.uniform(1.2, 3)) for low, high in edges.reshape(-1, 2)]
    return [body, plate], [(plate, rng.uniform(0.3, 1)), (body, 1.0), *(stripes if rng.random() < 0.7 else [])]


def _bollard(height: int, width: int, rng: np.random.Generator) -> tuple[list[Points], list[Shape]]:
    foot, tall = _place(height, width, rng, 12, 90)
    half = tall * rng.uniform(0.08, 0.3)
    body = _box(foot, half, tall)
    band = _box(foot - (0, tall * rng.uniform(0.6, 0.85)), half, tall * rng.uniform(0.06, 0.15))
    lit = _box(foot - (half * rng.uniform(-0.6, 0.6), 0), half * 0.3, tall)
    bands = [(band, rng.uniform(1.5, 6))] if rng.random() < 0.6 else []
    return [body], [(body, 1.0), (lit, rng.uniform(0.7, 1.5)), *bands]


def _barrier(height: int, width: int, rng: np.random.Generator) -> tuple[list[Points], list[Shape]]:
    foot, tall = _place(height, width, rng, 12, 80)
    wide = tall * rng.uniform(1, 2.6)
    end = foot + np.array((wide, wide * rng.uniform(-0.15, 0.15)))
    outline, bars = _fence(foot, end, tall, tall * rng.uniform(0.85, 1.15), rng, lowest=(0.1, 0.35))
    for at in (foot, end):
        bars.append(_box(at, tall * rng.uniform(0.1, 0.3), tall * rng.uniform(0.04, 0.1)))
    return [outline], [(bar, 1.0) for bar in bars]


def _guardrail(height: int, width: int, rng: np.random.Generator) -> tuple[list[Points], list[Shape]]:
    foot, tall = _place(height, width, rng, 14, 110)
    length = width * rng.uniform(0.35, 1.2) * rng.choice((-1, 1))
    far = float(np.exp(rng.uniform(np.log(0.25), np.log(1.1))))
    # The eye is above a railing: what is farther off stands higher in the picture.
    end = foot + np.array((length, -tall * (1 - far) * rng.uniform(0.3, 2)))
    outline, bars = _fence(foot, end, tall, tall * far, rng, lowest=(0.05, 0.6))
    return [outline], [(bar, 1.0) for bar in bars]


_KINDS: tuple[tuple[str, Callable[[int, int, np.random.Generator], tuple[list[Points], list[Shape]]]], ...] = (
    ("guardrail", _guardrail),
    ("guardrail", _guardrail),
    ("car_stop", _barrier),
    ("car_stop", _bollard),
    ("color_cone", _cone),
)


def _fence(
    start: Points, end: Points, tall: float, end_tall: float, rng: np.random.Generator, lowest: tuple[float, float]
) -> tuple[Points, list[Points]]:
    """A fence's outline, and its rails, posts and pickets."""
    thin = rng.uniform(0.04, 0.12)

    def at(along: float, up: float) -> Points:
        # Perspective: equal steps along the fence shrink with its height.
        share = along * tall / (end_tall + along * (tall - end_tall))
        ground: Points = start + share * (end - start)
        return ground - (0, up * (tall + share * (end_tall - tall)))

    def quad(from_along: float, to_along: float, low: float, high: float) -> Points:
        return np.array([at(from_along, low), at(to_along, low), at(to_along, high), at(from_along, high)])

    rails = np.linspace(1 - thin, rng.uniform(*lowest), int(rng.integers(2, 4)))
    bars = [quad(0, 1, low, low + thin) for low in rails]
    reach = abs(end[0] - start[0]) / tall
    posts = max(2, round(reach / rng.uniform(0.6, 2.5)) + 1)
    post = thin * rng.uniform(0.7, 1.5) / max(reach, 1e-6)
    bars += [quad(place, place + post, 0, 1) for place in np.linspace(0, 1 - post, posts)]
    if rng.random() < 0.5:
        pickets = max(3, round(reach / rng.uniform(0.15, 0.5)))
        bars += [quad(place, place + post / 2, rails[-1], rails[0]) for place in np.linspace(0, 1 - post, pickets)]
    return quad(0, 1, 0, 1), bars


def _place(
    height: int, width: int, rng: np.random.Generator, smallest: float, tallest: float
) -> tuple[Points, float]:
    """Where a thing stands, and its height [px]."""
    foot = np.array([rng.uniform(0, width), rng.uniform(0.35, 1) * height])
    return foot, float(np.exp(rng.uniform(np.log(smallest), np.log(tallest))))


def _box(foot: Points, half: float, tall: float) -> Points:
    return np.add(foot, [(-half, 0), (half, 0), (half, -tall), (-half, -tall)])


def _paint(picture: Pixels, shapes: list[Shape], rng: np.random.Generator) -> None:
    colour = np.array(COLOURS[rng.integers(len(COLOURS))], float)
    if rng.random() < 0.5:
        colour[:] = rng.uniform(*GRAYS)
    whole = np.vstack([points for points, _ in shapes])
    left, top = np.maximum(np.floor(whole.min(0)).astype(int) - MARGIN_PX, 0)
    right, bottom = np.maximum(np.ceil(whole.max(0)).astype(int) + MARGIN_PX, 0)
    around = picture[top:bottom, left:right]
    if not around.size:
        return
    # Lit as what is around it, which is of a middling gray; at night a headlamp may make it stand out.
    light = max(float(around.mean()), 4.0) / 110 * float(np.exp(rng.normal(0.25, 0.45)))
    blur = rng.uniform(0.3, 1.2)
    drawn = around.astype(np.float32)
    for shine, group in groupby(shapes, key=itemgetter(1)):
        covered = _filled(around.shape, [points - (left, top) for points, _ in group])
        cover = cv2.GaussianBlur(covered, (0, 0), blur)[..., np.newaxis]
        # What outshines its own colour is white: bands of foil.
        seen = np.clip((colour if shine <= 1 else colour.clip(150)) * shine * light, 0, 255)
        drawn += cover * (seen.astype(np.float32) - drawn)
    around[:] = drawn.clip(0, 255).astype(np.uint8)


def _filled(shape: tuple[int, ...], outlines: list[Points]) -> NDArray[np.float32]:
    """How much of each pixel the polygons cover, 0..1."""
    cover = np.zeros(shape[:2], np.uint8)
    for points in outlines:  # one by one: together, they would cancel where they overlap
        cv2.fillPoly(
            cover, [np.round(points * 2**SUBPIXEL_BITS).astype(np.int32)], 255, cv2.LINE_AA, SUBPIXEL_BITS
        )
    return np.divide(cover, 255, dtype=np.float32)
