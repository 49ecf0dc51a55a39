"""Sprites: small pictures with an alpha channel, how they are placed in a view and laid over it."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Matrix, View

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Patch:
    """A piece of a view: premultiplied pixels, the last channel alpha, top-left corner at (x, y) [px]."""

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
        heat: Per level (h, w, 2) uint8 premultiplied infrared level and alpha.
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
    h = (view.from_visible @ vis_from_sprite).tolist()
    rows, cols = levels[0].shape[:2]
    corners = [[r[0] * x + r[1] * y + r[2] for r in h] for x, y in ((0, 0), (cols, 0), (cols, rows), (0, rows))]
    if min(c[2] for c in corners) <= 1e-9:
        return None
    u, v = [c[0] / c[2] for c in corners], [c[1] / c[2] for c in corners]
    x0, y0 = max(math.floor(min(u)) - 1, 0), max(math.floor(min(v)) - 1, 0)
    x1, y1 = min(math.ceil(max(u)) + 2, view.width), min(math.ceil(max(v)) + 2, view.height)
    if x1 <= x0 or y1 <= y0:
        return None
    area = abs((u[2] - u[0]) * (v[3] - v[1]) - (u[3] - u[1]) * (v[2] - v[0])) / 2 * fine**2
    level = min(max(round(0.5 * math.log2(rows * cols / max(area, 1e-6))), 0), len(levels) - 1)
    k, half = 2.0**level, (fine - 1) / 2
    left, top, depth = ([k * r[0], k * r[1], (k - 1) / 2 * (r[0] + r[1]) + r[2]] for r in h)
    to = [half - fine * x0, half - fine * y0]
    m = [[fine * a + t * d for a, d in zip(row, depth, strict=True)] for row, t in ((left, to[0]), (top, to[1]))]
    size = ((x1 - x0) * fine, (y1 - y0) * fine)
    if abs(depth[0]) + abs(depth[1]) < 1e-12:
        flat = np.array(m) / depth[2]
        warped = cv2.warpAffine(levels[level], flat, size, flags=cv2.INTER_LINEAR)
    else:
        warped = cv2.warpPerspective(levels[level], np.array([*m, depth]), size, flags=cv2.INTER_LINEAR)
    if fine > 1:
        warped = cv2.resize(warped, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return Patch(x0, y0, np.asarray(warped, np.uint8))


def lay(picture: Pixels, patch: Patch, gain: tuple[float, float, float] = (1, 1, 1)) -> None:
    """Lay a premultiplied patch over a picture, in place.

    Args:
        picture: (H, W, 3) or (H, W) uint8.
        patch: The patch, one channel more than the picture.
        gain: Light on the patch per channel; the first value where the picture is grey.
    """
    rows, cols = patch.slices
    under = picture[rows, cols]
    if picture.ndim == 2:
        value, alpha = (
            cv2.extractChannel(patch.pixels, 0),
            cv2.extractChannel(patch.pixels, patch.pixels.shape[2] - 1),
        )
        under[:] = cv2.add(cv2.multiply(under, cv2.bitwise_not(alpha), scale=1 / 255), value)
        return
    if gain == (1, 1, 1):
        over = cv2.cvtColor(patch.pixels, cv2.COLOR_BGRA2BGR)
    else:
        channels = cv2.split(patch.pixels)
        over = cv2.merge([cv2.convertScaleAbs(c, alpha=k) for c, k in zip(channels[:3], gain, strict=True)])
    keep = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(patch.pixels, 3)), cv2.COLOR_GRAY2BGR)
    cv2.add(cv2.multiply(under, keep, scale=1 / 255), over, dst=under)
