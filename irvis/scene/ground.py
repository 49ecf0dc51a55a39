"""The sky and the ground: a main street, a side street that crosses it, kerbs, pavements and paint."""

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import Camera, View
from .light import Lighting
from .objects import CLASS_IDS
from .sprite import Pixels
from .texture import Field32, clouds, rng_for, sample

LEFT_KERB_M, RIGHT_KERB_M = -7.0, 1.2
NEAR_CORNER_M, FAR_CORNER_M = 15.0, 21.0
ZEBRA_M = (11.4, 14.0)
BUMP_M = (9.0, 9.75)


@dataclass(frozen=True)
class Layer:
    """A whole view's worth of ground, light already on it.

    Attributes:
        picture: (h, w, 3) float32 BGR or (h, w) float32 infrared level, 0 to 255.
        labels: (h, w) uint8 class ids.
    """

    picture: Field32
    labels: Pixels


def _inside(value: Field32, low: float, high: float, blur: Field32 | float) -> Field32:
    """Share of a pixel `blur` wide that lies between two bounds."""
    edge = np.maximum(blur, 1e-4)
    share = np.clip((value - low) / edge + 0.5, 0, 1) * np.clip((high - value) / edge + 0.5, 0, 1)
    return np.asarray(share, np.float32)


def draw_ground(camera: Camera, view: View, lighting: Lighting, seed: int, warm: bool) -> Layer:
    """Draw sky and ground into a view, every pixel from its own ray; `warm` draws the infrared."""
    rng = rng_for(seed, "ground")
    grain, patches = clouds(rng, 512, 64, 3), clouds(rng, 512, 4, 6)
    cols, rows = np.meshgrid(np.arange(view.width, dtype=np.float32), np.arange(view.height, dtype=np.float32))
    m = np.linalg.inv(view.from_visible).astype(np.float32)
    u, v = (m[i, 0] * cols + m[i, 1] * rows + m[i, 2] for i in (0, 1))
    picture = _sky(v / camera.horizon_px, u / camera.focal_px, lighting, patches, warm)
    _add_skyline(picture, u - camera.centre_px, camera.horizon_px - v, camera, lighting, seed, warm)
    labels = np.zeros(v.shape, np.uint8)
    solid = v - camera.horizon_px > 0.5
    span = np.flatnonzero(solid.any(axis=1))
    if len(span):
        part = slice(int(span[0]), int(span[-1]) + 1)
        z = camera.focal_px * camera.height_m / np.maximum(v[part] - camera.horizon_px, 0.5)
        x = (u[part] - camera.centre_px) * z / camera.focal_px
        ground = _ground(camera, lighting, x, z, grain, patches, warm)
        picture[part][solid[part]] = ground.picture[solid[part]]
        labels[part][solid[part]] = ground.labels[solid[part]]
    return Layer(picture, labels)


def _sky(high: Field32, across: Field32, lighting: Lighting, tile: Field32, warm: bool) -> Field32:
    """Colour or heat of the sky: a gradient with thin cloud; `high` is 0 at the top, 1 at the horizon."""
    share = np.clip(high, 0, 1) ** 1.4
    away = 1 / np.maximum(1.12 - high, 0.1)
    cloud = sample(tile, across * away * 90 + 40, away * 70)
    cover = np.clip(cloud * 0.4 + 0.1, 0, 1) * np.clip(1.1 - share, 0, 1)
    if warm:
        cold = lighting.heat("sky")
        return np.asarray(cold + share**2 * (lighting.heat("sky_low") - cold) + 9 * cover, np.float32)
    top, low = (np.array(c, np.float32) for c in lighting.sky)
    colour = top + share[..., None] * (low - top)
    colour += cover[..., None] * (low * 1.04 - colour) * 0.8
    return np.asarray(colour, np.float32)


def _add_skyline(
    picture: Field32, right: Field32, up: Field32, camera: Camera, lighting: Lighting, seed: int, warm: bool
) -> None:
    """Stand a row of far roofs on the horizon, in place; `right` and `up` are px from the vanishing point."""
    roofs = rng_for(seed, "skyline").uniform(0.008, 0.042, 32).astype(np.float32)
    house = np.floor(right / (0.016 * camera.focal_px)).astype(np.int64) % len(roofs)
    share = np.clip(roofs[house] * camera.focal_px - up + 0.5, 0, 1)
    if warm:
        picture += share * (lighting.heat("far") - picture)
        return
    picture += share[..., None] * (lighting.far_colour - picture)


def _ground(
    camera: Camera, lighting: Lighting, x: Field32, z: Field32, grain: Field32, tile: Field32, warm: bool
) -> Layer:
    """Colour or heat of ground points (x, z) [m], and their labels."""
    wide = z / camera.focal_px
    deep = z * z / (camera.focal_px * camera.height_m)
    fine = sample(grain, x * 190, z * 190) * np.clip(9 / z, 0, 1) ** 1.5
    rough = sample(tile, x * 14, z * 14) * np.clip(25 / z, 0, 1) + 0.5 * sample(tile, x * 3 + 99, z * 3)
    main = _inside(x, LEFT_KERB_M, RIGHT_KERB_M, wide)
    side = _inside(z, NEAR_CORNER_M, FAR_CORNER_M, deep)
    road = np.maximum(main, side)
    kerb_x = np.maximum(
        _inside(x, LEFT_KERB_M - 0.22, LEFT_KERB_M, wide), _inside(x, RIGHT_KERB_M, RIGHT_KERB_M + 0.22, wide)
    ) * (1 - side)
    kerb_z = np.maximum(
        _inside(z, NEAR_CORNER_M - 0.3, NEAR_CORNER_M, deep), _inside(z, FAR_CORNER_M, FAR_CORNER_M + 0.3, deep)
    ) * (1 - main)
    kerb = np.maximum(kerb_x, kerb_z)
    joints = np.maximum(
        _inside(np.mod(x, 0.6), 0, 0.025, wide) * np.clip(1 - wide * 12, 0, 1),
        _inside(np.mod(z, 0.6), 0, 0.025, deep) * np.clip(1 - deep * 3, 0, 1),
    )
    wheel = np.exp(-(((np.abs(np.mod(x + 7.0, 4.1) - 2.05) - 0.8) / 0.35) ** 2)) * main * (1 - side)
    paint = _paint(x, z, wide, deep, main) * np.clip(0.92 + 0.25 * rough, 0, 1)
    bump = _inside(z, *BUMP_M, deep) * _inside(x, LEFT_KERB_M + 0.4, RIGHT_KERB_M - 0.4, wide)
    labels = np.where(kerb > 0.5, np.uint8(CLASS_IDS["curve"]), np.uint8(0)) * (z < 45)
    labels = np.where(bump > 0.5, np.uint8(CLASS_IDS["bump"]), labels).astype(np.uint8)
    haze = np.clip((z - 40) / 260, 0, 0.8)
    if warm:
        h = lighting.heat
        heat = road * (h("road") + 1.8 * rough + 6 * wheel) + (1 - road) * (
            h("pavement") + 1.6 * rough - 2 * joints
        )
        heat += kerb * (h("kerb") - heat) + 0.6 * fine
        heat += 0.6 * paint * (h("paint") - heat) + bump * (h("plastic") - heat)
        heat += haze * (h("far") - heat)
        return Layer(np.asarray(heat, np.float32), labels)
    grey = road * (0.30 + 0.008 * rough - 0.03 * wheel) + (1 - road) * (0.46 + 0.02 * rough - 0.12 * joints)
    grey += 0.030 * fine
    grey += kerb * (0.60 + 0.03 * rough - grey)
    tint = np.array((0.98, 1.0, 1.01), np.float32) - np.array((0.05, 0.01, 0), np.float32) * (1 - road)[..., None]
    albedo = grey[..., None] * tint
    albedo += paint[..., None] * (np.array((0.86, 0.88, 0.88), np.float32) - albedo)
    stripe = _inside(np.mod(x, 0.625), 0.15, 0.465, wide)[..., None]
    yellow = np.array((0.10, 0.62, 0.80), np.float32) * stripe + 0.12 * (1 - stripe)
    albedo += bump[..., None] * (yellow + 0.05 * rough[..., None] - albedo)
    few_x, few_z = (
        np.asarray(cv2.resize(a, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.float32) for a in (x, z)
    )
    lit = lighting.at(few_x, np.zeros_like(few_x), few_z) + np.array(lighting.sun, np.float32)
    albedo *= cv2.resize(lit, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_LINEAR) * 255
    albedo += haze[..., None] * (lighting.far_colour - albedo)
    return Layer(np.asarray(albedo, np.float32), labels)


def _paint(x: Field32, z: Field32, wide: Field32, deep: Field32, main: Field32) -> Field32:
    """Share of white paint: centre dashes, edge lines, stop line and zebra."""
    middle = (LEFT_KERB_M + RIGHT_KERB_M) / 2
    beyond = np.maximum(z > FAR_CORNER_M + 1.5, z < BUMP_M[0] - 0.5)
    dash = _inside(np.mod(z, 6.0), 0, 3.0, deep) * _inside(x, middle - 0.07, middle + 0.07, wide) * beyond
    edges = np.maximum(
        _inside(x, LEFT_KERB_M + 0.25, LEFT_KERB_M + 0.37, wide),
        _inside(x, RIGHT_KERB_M - 0.37, RIGHT_KERB_M - 0.25, wide),
    ) * np.maximum(z > FAR_CORNER_M + 0.8, z < ZEBRA_M[0] - 0.5)
    zebra = _inside(z, *ZEBRA_M, deep) * _inside(np.mod(x - 0.35, 1.0), 0, 0.5, wide) * main
    stop = _inside(z, ZEBRA_M[0] - 0.95, ZEBRA_M[0] - 0.6, deep) * _inside(x, middle, RIGHT_KERB_M - 0.3, wide)
    stop_far = _inside(z, FAR_CORNER_M + 1.0, FAR_CORNER_M + 1.6, deep) * _inside(
        x, LEFT_KERB_M + 0.3, middle, wide
    )
    marks = np.maximum.reduce([dash, edges, zebra, stop, stop_far])
    return np.asarray(marks * np.clip(60 / z, 0, 1), np.float32)
