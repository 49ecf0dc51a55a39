"""House fronts: plaster or brick, rows of windows of which some are lit, shops at street level."""

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import Camera, Matrix, View
from .light import BGR, Lighting
from .sprite import Patch, Pixels, place, pyramid
from .texture import Field32, clouds, rng_for

_FLOOR_M = 3.1


@dataclass(frozen=True)
class House:
    """One flat front.

    Attributes:
        origin: World x, z [m] of the front's left end as one faces it.
        right: World direction x, z along the front, length 1.
        width_m: Its length.
        floors: Storeys above the ground floor.
        wall: Reflectance of the wall, BGR 0 to 1.
        brick: Whether courses of brick show.
        sun: How much of the sun falls on it, 0 to 1.
        shop: Word over the shop at the end nearest to the crossing, or empty.
        shut: Whether everything at street level is closed and dark.
        warmth: How much warmer than other walls it is [degrees C].
    """

    origin: tuple[float, float]
    right: tuple[float, float]
    width_m: float
    floors: int
    wall: BGR
    brick: bool = False
    sun: float = 0.0
    shop: str = ""
    warmth: float = 0.0
    shut: bool = False

    def px_per_m(self, camera: Camera) -> float:
        """Size of its texture, finer for near ones and in larger pictures."""
        return (23.0 if self.origin[1] < 44 else 14.0) * min(max(camera.focal_px / 576, 0.5), 1.6)


HOUSES = (
    House((5.4, 93), (0, -1), 32, 3, (0.42, 0.50, 0.58), warmth=0.6),
    House((-10.2, 60), (0, 1), 36, 2, (0.50, 0.56, 0.60), sun=1.0, warmth=-0.5),
    House((5.4, 61), (0, -1), 18, 2, (0.26, 0.33, 0.50), brick=True, warmth=-1.0),
    House((-10.0, 40), (0, 1), 20, 4, (0.30, 0.34, 0.56), brick=True, sun=1.0, shop="BAKERY", warmth=1.2),
    House((5.2, 43), (0, -1), 20, 3, (0.55, 0.62, 0.66), shop="BOOKS", warmth=0.7),
    House((-10.0, 23), (0, 1), 17, 3, (0.50, 0.62, 0.72), sun=1.0, shop="BAR"),
    House((-30, 23.0), (1, 0), 20, 3, (0.46, 0.57, 0.67), sun=0.35, shop="CAFE", shut=True),
    House((5.2, 23.0), (1, 0), 16, 3, (0.52, 0.59, 0.63), sun=0.35, shop="BOOKS", warmth=0.7),
)
"""Every house, farthest first."""


@dataclass(frozen=True)
class Front:
    """A house front as both cameras see it.

    Attributes:
        vis_from_front: (3, 3) homography, texture px -> visible px.
        colour: Pyramid of (h, w, 4) uint8 BGRA under the front's light.
        heat: Pyramid of (h, w, 4) uint8, infrared level first and alpha last.
    """

    vis_from_front: Matrix
    colour: list[Pixels]
    heat: list[Pixels]

    def patch(self, view: View, warm: bool) -> Patch | None:
        """The front in a view, None where it shows nothing of it."""
        return place(view, self.heat if warm else self.colour, self.vis_from_front, fine=3)


def build_houses(camera: Camera, lighting: Lighting, seed: int) -> list[Front]:
    """Every house's front, farthest first."""
    grain = clouds(rng_for(seed, "houses"), 256, 8, 5)
    fronts = []
    for number, house in enumerate(HOUSES):
        scale = house.px_per_m(camera)
        colour, heat = _front(house, scale, lighting, rng_for(seed, f"house {number}"), grain)
        origin = np.array([house.origin[0], house.floors * _FLOOR_M + 5.0, house.origin[1]])
        right = np.array([house.right[0], 0.0, house.right[1]])
        matrix = camera.plane(origin, right, np.array([0.0, -1.0, 0.0]), scale)
        fronts.append(Front(matrix, pyramid(colour, 3), pyramid(heat, 3)))
    return fronts


def _front(
    house: House, scale: float, lighting: Lighting, rng: np.random.Generator, grain: Field32
) -> tuple[Pixels, Pixels]:
    """The front as textures: (h, w, 4) BGRA under its light, and (h, w, 4) with infrared level first."""
    rows, cols = round((house.floors * _FLOOR_M + 5.0) * scale), round(house.width_m * scale)
    tile = np.tile(grain, (rows // 256 + 1, cols // 256 + 1))[:rows, :cols]
    wall = np.ones((rows, cols, 3), np.float32) * np.array(house.wall, np.float32)
    wall *= 1 + 0.07 * tile[..., None]
    heat = (
        lighting.level(lighting.temperature_c["wall"] + house.warmth)
        + 1.6 * tile
        + 5 * house.sun * float(sum(lighting.sun) > 0)
    )
    glow = np.zeros((rows, cols, 3), np.float32)
    if house.brick:
        course = np.arange(rows) // 3
        wall *= (1 + 0.08 * np.sin(course * 12.9898 + 4 * np.sin(course * 78.233)))[:, None, None]
        wall[::6] *= 0.8
    paint = _Painter(wall, glow, heat, lighting, rng, rows, scale)
    paint.cornice(house.width_m, house.floors * _FLOOR_M + 5.0)
    for floor in range(house.floors):
        paint.windows(house.width_m, 4.3 + floor * _FLOOR_M)
    corner_last = house.right[1] < 0 or (house.right[1] == 0 and house.origin[0] < 0)
    paint.street_level(house.width_m, house.shop, corner_last, house.shut)
    alpha = np.full((rows, cols), 255, np.uint8)
    gx, gy = np.meshgrid(np.linspace(0, house.width_m, 24), np.linspace(house.floors * _FLOOR_M + 5.0, 0, 16))
    x, z = (house.origin[i] + house.right[i] * gx for i in (0, 1))
    inward = -0.6 if house.right[0] == 0 and house.origin[0] < 0 else 0.6
    lit = lighting.at(*(a.astype(np.float32) for a in (x - inward * (house.right[0] == 0), gy, z - 0.5)))
    lit = np.minimum(lit, 1.1) + house.sun * np.array(lighting.sun, np.float32)
    light = cv2.resize(lit, (cols, rows), interpolation=cv2.INTER_LINEAR)
    shade = np.clip(0.75 + 0.25 * np.linspace(6, 0, rows) ** 0.5, 0, 1.0)[:, None, None]
    far = float(np.clip((min(z.min(), 90.0) - 35) / 220, 0, 0.5))
    colour = 255 * (paint.wall * light * shade + glow)
    colour += far * (np.array(lighting.sky[1], np.float32) - colour)
    picture = cv2.convertScaleAbs(np.maximum(colour, 0))
    level, none = cv2.convertScaleAbs(np.maximum(paint.heat, 0)), np.zeros_like(alpha)
    return np.dstack([picture, alpha]), np.dstack([level, none, none, alpha])


class _Painter:
    """Draws the parts of a front into its wall, glow and heat textures."""

    def __init__(
        self, wall: Field32, glow: Field32, heat: Field32, lighting: Lighting,
        rng: np.random.Generator, rows: int, scale: float,
    ) -> None:  # fmt: skip
        self.wall, self.glow, self.heat = wall, glow, np.asarray(heat, np.float32)
        self.lighting, self.rng, self.rows, self.scale = lighting, rng, rows, scale

    def box(self, x: float, y: float, w: float, h: float) -> tuple[slice, slice]:
        """Rows and columns of a rectangle, left and bottom given [m] from the front's bottom left."""
        top, left = self.rows - round((y + h) * self.scale), round(x * self.scale)
        return slice(max(top, 0), max(self.rows - round(y * self.scale), 0)), slice(
            max(left, 0), round((x + w) * self.scale)
        )

    def cornice(self, width_m: float, height_m: float) -> None:
        """Eaves with a shadow, and a band above the shops."""
        for y, h, bright in (
            (height_m - 0.35, 0.35, 1.25),
            (height_m - 0.6, 0.25, 0.62),
            (3.5, 0.22, 1.2),
            (3.38, 0.12, 0.6),
        ):
            self.wall[self.box(0, y, width_m, h)] *= bright
        self.heat[self.box(0, height_m - 0.35, width_m, 0.35)] -= 5

    def windows(self, width_m: float, y: float) -> None:
        """One storey's row of windows, the sill at y [m]."""
        count = int(width_m / 2.5)
        for k in range(count):
            x = (k + 0.5) * width_m / count - 0.6
            lit = self.rng.random() < self.lighting.lit_windows
            self.wall[self.box(x - 0.1, y - 0.1, 1.4, 1.85)] = np.minimum(
                self.wall[self.box(x, y, 1, 1)].mean() * 1.35, 0.8
            )
            self._pane(x, y, 1.2, 1.65, lit)
            self.wall[self.box(x - 0.15, y - 0.18, 1.5, 0.08)] *= 0.5
            self.heat[self.box(x - 0.15, y - 0.18, 1.5, 0.1)] += 3

    def _pane(self, x: float, y: float, w: float, h: float, lit: bool) -> None:
        """Glass: the sky's reflection when dark, a room when lit."""
        area = self.box(x, y, w, h)
        rows, cols = self.wall[area].shape[:2]
        fall = np.linspace(1.15, 0.75, rows, dtype=np.float32)[:, None, None]
        sky = np.array(self.lighting.sky[0], np.float32) / 255
        if lit:
            tint = np.array((0.42, 0.74, 1.0), np.float32) * self.rng.uniform(0.55, 1.0)
            tint[0] *= self.rng.uniform(0.7, 1.5)
            room = np.ones((rows, cols, 3), np.float32) * tint * fall
            curtain = round(cols * self.rng.uniform(0.12, 0.3))
            room[:, :curtain] *= 0.55
            room[:, cols - curtain :] *= 0.6
            self.wall[area], self.glow[area] = 0.02, room * 0.85
        else:
            bright = float(sum(self.lighting.ambient)) / 3
            self.wall[area] = 0.05 + (0.30 * fall * sky if bright > 0.2 else 0.03)
            if self.rng.random() < 0.4:
                self.wall[self.box(x, y + h * self.rng.uniform(0.4, 0.8), w, h)][: rows // 3] += 0.1
        self.heat[area] = self.lighting.heat("window_lit" if lit else "window") + 3 * fall[..., 0]
        bar = slice((area[1].start + area[1].stop) // 2 - 1, (area[1].start + area[1].stop) // 2 + 1)
        for place_ in ((area[0], bar), (slice(area[0].start + rows // 3, area[0].start + rows // 3 + 2), area[1])):
            self.wall[place_], self.glow[place_] = 0.5, self.glow[place_] * 0.25
            self.heat[place_] = self.lighting.heat("wall")

    def street_level(self, width_m: float, shop: str, corner_last: bool, shut: bool) -> None:
        """Plinth, doors and shop windows; the shop at the corner has its name over it."""
        self.wall[self.box(0, 0, width_m, 0.5)] *= 0.6
        count = max(int(width_m / 4.4), 1)
        named = -1 if not shop else count - 1 if corner_last else 0
        for k in range(count):
            x = k * width_m / count + 0.5
            is_shop = shop != "" and (k == named or self.rng.random() < 0.3)
            if is_shop:
                self._shop(x, shop if k == named else "", shut)
            else:
                self._pane(
                    x + 1.9, 1.1, 1.3, 1.6, bool(self.rng.random() < self.lighting.lit_windows * 0.7 * (not shut))
                )
            door = np.array(self.rng.uniform(0.08, 0.35, 3), np.float32)
            self.wall[self.box(x, 0.1, 1.05, 2.25)] = door
            self.heat[self.box(x, 0.1, 1.05, 2.25)] = self.lighting.heat("door")

    def _shop(self, x: float, word: str, shut: bool) -> None:
        self._pane(x + 1.3, 0.6, 2.4, 2.0, self.lighting.lit_windows > 0 and not shut)
        board = self.box(x - 0.1, 2.72, 3.9, 0.62)
        colour = np.array(
            self.rng.choice([(0.35, 0.16, 0.08), (0.10, 0.10, 0.42), (0.16, 0.32, 0.12)]), np.float32
        )
        self.wall[board] = colour
        self.heat[board] = self.lighting.heat("plastic")
        if word:
            high, broad = self.wall[board].shape[:2]
            mask = np.zeros((high, broad), np.uint8)
            (wide, tall), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, 0.5, 1)
            scale = min(0.5 * broad * 0.85 / wide, 0.5 * high * 0.75 / tall)
            cv2.putText(
                mask, word, (int(broad * 0.07), int(high * 0.82)),
                cv2.FONT_HERSHEY_DUPLEX, scale, 255, 1, cv2.LINE_AA,
            )  # fmt: skip
            ink = (mask / np.float32(255))[..., None]
            self.wall[board] += ink * (0.9 - self.wall[board])
            if self.lighting.lit_windows and not shut:
                self.glow[board] += colour * 0.35 + ink * np.array((0.6, 0.8, 0.9), np.float32) * 0.75
