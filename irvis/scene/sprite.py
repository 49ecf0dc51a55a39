"""Sprites: small pictures with an alpha channel, how they are placed in a view and laid over it."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Matrix, View
from .light import BGR

Pixels = NDArray[np.uint8]
_LEVELS = np.arange(256, dtype=np.uint8)[:, None]


@dataclass(frozen=True)
class Patch:
    """A piece of a view, its corner at (x, y) [px]: premultiplied with alpha last, or just light or shade."""

    x: int
    y: int
    pixels: Pixels

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the view that the patch covers."""
        rows, cols = self.pixels.shape[:2]
        return slice(self.y, self.y + rows), slice(self.x, self.x + cols)


@dataclass(frozen=True)
class Sprite:
    """One picture as both cameras see it, with smaller copies for far away.

    Attributes:
        colour: Per level (h, w, 4) uint8 premultiplied BGRA reflectance; each level half the one before.
        heat: Per level (h, w, 4) uint8 premultiplied, infrared level first, alpha last; four warp faster than two.
        anchor: x, y of the largest level's pixel that stands on the ground.
        px_per_m: Pixels per metre of the largest level.
    """

    colour: list[Pixels]
    heat: list[Pixels]
    anchor: tuple[float, float]
    px_per_m: float

    @classmethod
    def of(
        cls, colour: Pixels, heat: Pixels, anchor: tuple[float, float], px_per_m: float, levels: int = 3
    ) -> "Sprite":
        """Build the smaller copies of one picture."""
        return cls(pyramid(colour, levels), pyramid(heat, levels), anchor, px_per_m)


def pyramid(pixels: Pixels, levels: int) -> list[Pixels]:
    """The picture and `levels - 1` copies, each half the size of the one before."""
    out = [pixels]
    for _ in range(levels - 1):
        rows, cols = out[-1].shape[:2]
        padded = cv2.copyMakeBorder(out[-1], 0, rows % 2, 0, cols % 2, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
        size = (padded.shape[1] // 2, padded.shape[0] // 2)
        out.append(np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.uint8))
    return out


def place(view: View, levels: list[Pixels], vis_from_sprite: Matrix, fine: int = 1) -> Patch | None:
    """Warp a sprite into a view at the level that fits its size there.

    Args:
        view: The picture to place it in.
        levels: The sprite's pyramid.
        vis_from_sprite: (3, 3) homography, the largest level's px -> visible px.
        fine: Samples per pixel each way; 1 is quick, more is for what is drawn once.

    Returns:
        The patch, cut to the view, or None where nothing of it falls inside.
    """
    (a, b, c), (d, e, f), (g, h, i) = (view.from_visible @ vis_from_sprite).tolist()
    rows, cols = levels[0].shape[:2]
    w = i, g * cols + i, g * cols + h * rows + i, h * rows + i
    if min(w) <= 1e-9:
        return None
    u = c / w[0], (a * cols + c) / w[1], (a * cols + b * rows + c) / w[2], (b * rows + c) / w[3]
    v = f / w[0], (d * cols + f) / w[1], (d * cols + e * rows + f) / w[2], (e * rows + f) / w[3]
    x0, y0 = max(math.floor(min(u)) - 1, 0), max(math.floor(min(v)) - 1, 0)
    x1, y1 = min(math.ceil(max(u)) + 2, view.width), min(math.ceil(max(v)) + 2, view.height)
    if x1 <= x0 or y1 <= y0:
        return None
    area = abs((u[2] - u[0]) * (v[3] - v[1]) - (u[3] - u[1]) * (v[2] - v[0])) / 2 * fine**2
    level = min(max(round(0.5 * math.log2(rows * cols / max(area, 1e-6))), 0), len(levels) - 1)
    k, mid, half = 2**level, (2**level - 1) / 2, (fine - 1) / 2
    left, top = half - fine * x0, half - fine * y0
    g, h, i = k * g, k * h, mid * (g + h) + i
    m = np.array(
        [
            [fine * k * a + left * g, fine * k * b + left * h, fine * (mid * (a + b) + c) + left * i],
            [fine * k * d + top * g, fine * k * e + top * h, fine * (mid * (d + e) + f) + top * i],
            [g, h, i],
        ]
    )
    size = ((x1 - x0) * fine, (y1 - y0) * fine)
    if g == 0 == h:
        warped = cv2.warpAffine(levels[level], m[:2] / i, size, flags=cv2.INTER_LINEAR)
    else:
        warped = cv2.warpPerspective(levels[level], m, size, flags=cv2.INTER_LINEAR)
    if fine > 1:
        warped = cv2.resize(warped, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return Patch(x0, y0, np.asarray(warped, np.uint8))


def lit(pixels: Pixels, light: BGR) -> Pixels:
    """Premultiplied BGRA reflectance under a light (BGR, 1 leaves it as it is)."""
    table = cv2.merge([cv2.convertScaleAbs(_LEVELS, alpha=share) for share in (*light, 1)])
    return np.asarray(cv2.LUT(pixels, table), np.uint8)


def lay(picture: Pixels, patch: Patch) -> None:
    """Lay a premultiplied patch with its own alpha over an (H, W, 3) or (H, W) picture, in place."""
    under = picture[patch.slices]
    keep = cv2.bitwise_not(cv2.extractChannel(patch.pixels, patch.pixels.shape[2] - 1))
    if picture.ndim == 2:
        over = cv2.extractChannel(patch.pixels, 0)
    else:
        over, keep = cv2.cvtColor(patch.pixels, cv2.COLOR_BGRA2BGR), cv2.cvtColor(keep, cv2.COLOR_GRAY2BGR)
    cv2.add(cv2.multiply(under, keep, scale=1 / 255), over, dst=under)


def darken(picture: Pixels, shade: Patch) -> None:
    """Take light out of an (H, W, 3) picture, in place; the (h, w) patch says how much, 255 is all."""
    under = picture[shade.slices]
    cv2.multiply(under, cv2.cvtColor(cv2.bitwise_not(shade.pixels), cv2.COLOR_GRAY2BGR), dst=under, scale=1 / 255)
