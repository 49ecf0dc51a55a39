"""Trees and hedges: crowns heaped up from clusters of leaves, darker below and inside."""

import math

import cv2
import numpy as np

from .body import Canvas
from .light import Lighting
from .sprite import Sprite
from .texture import rng_for


def _leaves(
    canvas: Canvas, rng: np.random.Generator, lobes: list[tuple[float, float, float, float]], count: int,
    heat: float, size_m: float,
) -> None:  # fmt: skip
    """Fill ellipses (x, y, rx, ry [m]) with leaf clusters from dark ones behind to light ones in front."""
    lobe = np.array(lobes)[rng.integers(0, len(lobes), count)]
    turn, out = rng.uniform(0, 2 * math.pi, count), np.sqrt(rng.uniform(0, 1, count)) * 1.02
    x, y = lobe[:, 0] + lobe[:, 2] * out * np.cos(turn), lobe[:, 1] + lobe[:, 3] * out * np.sin(turn)
    up = out * np.sin(turn) * 0.6 + out * np.cos(turn) * 0.25
    layer = np.linspace(0, 1, count)
    bright = 0.42 + 0.42 * layer + 0.30 * up * (0.4 + layer) + rng.normal(0, 0.10, count)
    hue = rng.normal(0, 0.05, count)
    radius = size_m * (1.25 - 0.6 * layer) * rng.uniform(0.6, 1.2, count)
    scale = 2 * canvas.px_per_m
    px = np.stack([canvas.colour.shape[1] / 2 + x * scale, (canvas.height_m - 0.1 - y) * scale], 1).astype(int)
    tilt = rng.uniform(0, 180, count)
    for (cx, cy), b, h, r, a in zip(
        px.tolist(), bright.tolist(), hue.tolist(), radius.tolist(), tilt.tolist(), strict=True
    ):
        b = max(b, 0.12)
        colour = (255 * b * 0.16, 255 * b * (0.42 + h * 0.3), 255 * b * max(0.27 + h, 0.05), 255)
        axes = (max(int(r * scale), 1), max(int(r * scale * 0.6), 1))
        cv2.ellipse(canvas.colour, (cx, cy), axes, a, 0, 360, colour, -1)
        warm = heat * (0.93 + 0.10 * b)
        cv2.ellipse(canvas.heat, (cx, cy), axes, a, 0, 360, (min(warm, 255), 0, 0, 255), -1)


def draw_tree(seed: int, name: str, lighting: Lighting, px_per_m: float, height_m: float = 6.5) -> Sprite:
    """A street tree: trunk, a few boughs, a round crown with gaps."""
    rng = rng_for(seed, name)
    spread = height_m * 0.36
    canvas = Canvas(2.9 * spread, height_m * 1.06, px_per_m)
    bark, warm = (0.10, 0.14, 0.18), lighting.heat("trunk")
    fork = np.array([rng.normal(0, 0.06), height_m * 0.36])
    middle = height_m * 0.66
    lobes = [(rng.normal(0, 0.1), middle, spread * 0.75, spread * 0.8)]
    for k in range(7):
        turn = 2 * math.pi * k / 7 + rng.normal(0, 0.25)
        reach = spread * rng.uniform(0.5, 0.72)
        lobes.append(
            (
                reach * math.cos(turn),
                middle + 0.85 * reach * math.sin(turn),
                *(spread * rng.uniform(0.36, 0.52, 2)),
            )
        )
    _leaves(canvas, rng, lobes, 260, lighting.heat("leaf"), 0.30)
    canvas.limb(np.array([0.0, 0.02]), fork, 0.17, 0.11, bark, warm)
    for lobe in lobes[1:6]:
        canvas.limb(fork, np.array(lobe[:2]) * [0.8, 1.0], 0.07, 0.02, bark, warm)
    _leaves(canvas, rng, lobes, 700, lighting.heat("leaf"), 0.18)
    return canvas.sprite()


def draw_hedge(seed: int, lighting: Lighting, px_per_m: float, width_m: float, height_m: float) -> Sprite:
    """A hedge that the visible camera cannot see through; heat shows through gaps between its leaves."""
    rng = rng_for(seed, "hedge")
    canvas = Canvas(width_m * 1.15, height_m * 1.15, px_per_m)
    lobes = [
        (x, y * height_m, width_m * 0.11, height_m * 0.2)
        for x in np.linspace(-0.42, 0.42, 9) * width_m
        for y in (0.16, 0.44, 0.72 + rng.uniform(-0.04, 0.06))
    ]
    _leaves(canvas, rng, lobes, 500, lighting.heat("leaf"), 0.14)
    _leaves(canvas, rng, lobes, 800, lighting.heat("leaf"), 0.075)
    hedge = canvas.sprite()
    rows, cols = hedge.heat[0].shape[:2]
    gaps = cv2.resize(
        rng.standard_normal((math.ceil(rows / 3.5), math.ceil(cols / 3.5)), np.float32), (cols, rows)
    )
    through = np.clip(0.30 - 0.45 * gaps, 0.08, 0.9)
    for level in hedge.heat:
        keep = cv2.resize(through, level.shape[1::-1], interpolation=cv2.INTER_AREA)[..., None]
        level[:] = level * keep
    return hedge
