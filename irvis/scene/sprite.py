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
    h = view.from_visible @ vis_from_sprite
    rows, cols = levels[0].shape[:2]
    uvw = np.array([[0, 0, 1], [cols, 0, 1], [cols, rows, 1], [0, rows, 1]]) @ h.T
    if uvw[:, 2].min() <= 1e-9:
        return None
    u, v = uvw[:, 0] / uvw[:, 2], uvw[:, 1] / uvw[:, 2]
    x0, y0 = max(math.floor(u.min()) - 1, 0), max(math.floor(v.min()) - 1, 0)
    x1, y1 = min(math.ceil(u.max()) + 2, view.width), min(math.ceil(v.max()) + 2, view.height)
    if x1 <= x0 or y1 <= y0:
        return None
    area = abs(float((u[2] - u[0]) * (v[3] - v[1]) - (u[3] - u[1]) * (v[2] - v[0]))) / 2 * fine**2
    level = min(max(round(0.5 * math.log2(rows * cols / max(area, 1e-6))), 0), len(levels) - 1)
    factor, half = 2.0**level, (fine - 1) / 2
    down = np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2], [0, 0, 1]])
    up = np.array([[fine, 0, half - fine * x0], [0, fine, half - fine * y0], [0, 0, 1]])
    m = up @ h @ down
    size = ((x1 - x0) * fine, (y1 - y0) * fine)
    if abs(m[2, 0]) + abs(m[2, 1]) < 1e-12:
        warped = cv2.warpAffine(levels[level], m[:2] / m[2, 2], size, flags=cv2.INTER_LINEAR)
    else:
        warped = cv2.warpPerspective(levels[level], m, size, flags=cv2.INTER_LINEAR)
    if fine > 1:
        warped = cv2.resize(warped, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return Patch(x0, y0, np.asarray(warped, np.uint8))


def attenuate(patch: Patch, occluder: Patch) -> None:
    """Take out of `patch`, in place, what an occluder in front of it hides (last channel: alpha)."""
    rows, cols = patch.pixels.shape[:2]
    o_rows, o_cols = occluder.pixels.shape[:2]
    x0, y0 = max(patch.x, occluder.x), max(patch.y, occluder.y)
    x1, y1 = min(patch.x + cols, occluder.x + o_cols), min(patch.y + rows, occluder.y + o_rows)
    if x1 <= x0 or y1 <= y0:
        return
    part = patch.pixels[y0 - patch.y : y1 - patch.y, x0 - patch.x : x1 - patch.x]
    hidden = occluder.pixels[y0 - occluder.y : y1 - occluder.y, x0 - occluder.x : x1 - occluder.x, -1]
    keep = cv2.bitwise_not(np.ascontiguousarray(hidden))
    cv2.multiply(part, cv2.merge([keep] * part.shape[2]), dst=part, scale=1 / 255)


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
        value, alpha = cv2.extractChannel(patch.pixels, 0), cv2.extractChannel(patch.pixels, patch.pixels.shape[2] - 1)
        under[:] = cv2.add(cv2.multiply(under, cv2.bitwise_not(alpha), scale=1 / 255), value)
        return
    b, g, r, alpha = cv2.split(patch.pixels)
    if gain != (1, 1, 1):
        b, g, r = (cv2.convertScaleAbs(c, alpha=k) for c, k in zip((b, g, r), gain, strict=True))
    keep = cv2.bitwise_not(alpha)
    under[:] = cv2.add(cv2.multiply(under, cv2.merge([keep] * 3), scale=1 / 255), cv2.merge([b, g, r]))
