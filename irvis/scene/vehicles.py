"""Cars that drive: faces in perspective at every frame, cold bodies with warm bonnets, tyres and exhausts."""

import math
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from .actors import Spectrum, faded
from .camera import Camera, Matrix, View
from .car_shape import HEADLIGHTS_M, TAILLIGHTS_M, car_faces
from .course import Course
from .glow import shadow_patch, shadow_sprite
from .light import BGR, Lighting
from .objects import CLASS_IDS, SeenBy
from .sprite import Patch

_NEAR_M = 0.4
_SMALLEST_PX = 5
"""Faces smaller than this are left out."""
_SHADE = shadow_sprite(0.85, 1.0)
_PAINTS: dict[str, BGR] = {
    "glass": (0.15, 0.12, 0.10), "glass_light": (0.26, 0.22, 0.19), "dark": (0.055, 0.055, 0.055),
    "chrome": (0.45, 0.45, 0.45), "plate": (0.80, 0.82, 0.82), "tyre": (0.05, 0.05, 0.05),
    "rim": (0.44, 0.44, 0.44), "white": (0.86, 0.86, 0.86), "red": (0.10, 0.08, 0.55),
}  # fmt: skip


class Car:
    """A car on a course."""

    class_id = CLASS_IDS["car"]
    seen_by: SeenBy = "both"

    def __init__(
        self, number: int, camera: Camera, lighting: Lighting, course: Course, colour: BGR, warm: bool = True
    ) -> None:
        """Make a car.

        Args:
            number: Its object id.
            camera: The visible camera.
            lighting: The time of day.
            course: Where it drives.
            colour: Its paint, BGR 0 to 1.
            warm: Whether its engine has been running.
        """
        self.id, self.course, self.lights_on = number, course, warm and lighting.headlights > 0
        self._camera, self._lighting = camera, lighting
        self._faces = car_faces()
        self._turned = self._turn(np.concatenate([f.corners for f in self._faces])).T.copy()
        cuts = np.cumsum([0] + [len(f.corners) for f in self._faces]).tolist()
        self._parts = [slice(a, b) for a, b in pairwise(cuts)]
        self._lamps = self._turn(np.concatenate([HEADLIGHTS_M, TAILLIGHTS_M]))
        self._normals = np.stack([f.normal for f in self._faces])
        self._reach = np.array([float(f.normal @ f.corners.mean(0)) for f in self._faces])
        self._size_m = np.array([np.ptp(f.corners, axis=0).max() for f in self._faces])
        self._last: dict[tuple[int, Spectrum], tuple[tuple[tuple[float, float], BGR], Patch | None]] = {}
        self._colours, self._heats = self._coloured(colour), self._warmed(warm)

    def _turn(self, points: Matrix) -> Matrix:
        """(N, 3) points of the car, turned into its heading."""
        hx, hz = self.course.heading
        turned: Matrix = points @ np.array([[hz, 0, -hx], [0, 1, 0], [hx, 0, hz]])
        return turned

    def _coloured(self, body: BGR) -> Matrix:
        """(faces, 4) opaque reflectance, BGRA 0 to 255."""
        out: list[tuple[float, ...]] = []
        sun = np.array([0.45, 0.75, -0.48])
        for face in self._faces:
            paint = _PAINTS.get(face.paint, body)
            shade = 0.70 + 0.28 * float(face.normal[1]) + 0.12 * abs(float(face.normal @ sun))
            shade *= {"body_light": 1.18, "seam": 0.72}.get(face.paint, 1.0)
            b, g, r = (min(255 * c * shade, 255) for c in paint)
            out.append((b, g, r, 255))
        return np.array(out)

    def _warmed(self, warm: bool) -> list[list[float]]:
        """Infrared level of each face, as a colour to paint with."""
        t = self._lighting.temperature_c
        more = {
            "car_rim": t["car_tyre"] - 5 * warm,
            "car_grille": t["car_bonnet"] + 7,
            "car_roof": t["car_body"] - 4,
        }
        if not warm:
            cold = ("car_bonnet", "car_under", "car_exhaust", "car_rim", "car_grille", "car_lamp")
            more |= dict.fromkeys(cold, t["car_body"]) | {"car_tyre": t["car_body"] - 1}
        table = t | more
        levels = (self._lighting.level(table[f.heat] + 1.5 * float(f.normal[1] < 0.5)) for f in self._faces)
        return [[level, 0.0, 0.0, 255.0] for level in levels]

    def where(self, time_s: float) -> tuple[float, float] | None:
        """World x, z [m] of the middle of the car."""
        return self.course.at(time_s)

    def draw(
        self, view: View, spectrum: Spectrum, time_s: float, at: tuple[float, float], light: BGR
    ) -> Patch | None:
        """The faces that look at the camera, painted from the lowest to the roof; the last patch is kept."""
        known = self._last.get((id(view), spectrum))
        if known is None or known[0] != (at, light):
            known = (at, light), self._paint(view, spectrum, at, light)
            self._last[id(view), spectrum] = known
        patch = known[1]
        if patch is None:
            return None
        fade = self.course.fade(time_s)
        return Patch(patch.x, patch.y, patch.pixels.copy() if fade == 1 else faded(patch.pixels, fade))

    def _shadow(self, view: View, at: tuple[float, float]) -> Patch | None:
        """How dark the ground is under the car, and on the side away from the sun."""
        hx, hz = (abs(h) for h in self.course.heading)
        sun = 0.45 if sum(self._lighting.sun) > 0 else 0.0
        size = (2.7 * hz + 5.3 * hx + sun, 2.5 * hx + 5.0 * hz)
        return shadow_patch(self._camera, view, _SHADE, (at[0] + sun, at[1]), size)

    def _paint(self, view: View, spectrum: Spectrum, at: tuple[float, float], light: BGR) -> Patch | None:
        depth = self._turned[2] + at[1]
        if depth.max() <= _NEAR_M:
            return None
        place_px = view.from_visible @ self._camera.matrix
        ends = place_px[:, :3] @ self._turned + (place_px @ (at[0], 0, at[1], 1))[:, None]
        whole = bool(depth.min() > _NEAR_M)
        uv = ends[:2] / (ends[2] if whole else np.maximum(ends[2], _NEAR_M))
        box = _outline(view, uv)
        if box is None:
            return None
        patch = _canvas(box, self._shadow(view, at) if spectrum == "colour" else None)
        if whole:
            flat = np.rint(16 * (uv - [[patch.x], [patch.y]])).astype(np.int32).T.copy()
        else:
            ends[:2] -= ends[2] * [[patch.x], [patch.y]]
        hx, hz = self.course.heading
        eye = np.array([-at[0] * hz + at[1] * hx, self._camera.height_m, -at[0] * hx - at[1] * hz])
        seen = (self._normals @ eye > self._reach) & (self._camera.focal_px * self._size_m > _SMALLEST_PX * at[1])
        inks = self._heats if spectrum == "heat" else np.minimum(self._colours * (*light, 1), 255).tolist()
        for k in np.flatnonzero(seen).tolist():
            part = self._parts[k]
            corners = flat[part] if whole else _clipped(ends[:, part].T, depth[part])
            if corners is not None:
                cv2.fillConvexPoly(patch.pixels, corners, inks[k], cv2.LINE_AA, 4)
        return patch

    def lamps(self, at: tuple[float, float]) -> list[tuple[Matrix, bool]]:
        """World point of each lamp before the camera, and whether it is a headlight."""
        return [
            (point, k < 2) for k, point in enumerate(self._lamps + np.array([at[0], 0, at[1]])) if point[2] > 1.0
        ]


def _canvas(box: tuple[int, int, int, int], shadow: Patch | None) -> Patch:
    """An empty BGRA patch over a box and a shadow, with the shadow on it."""
    if shadow is None:
        x0, y0, x1, y1 = box
        return Patch(x0, y0, np.zeros((y1 - y0, x1 - x0, 4), np.uint8))
    rows, cols = shadow.slices
    x0, y0, x1, y1 = (
        min(box[0], cols.start),
        min(box[1], rows.start),
        max(box[2], cols.stop),
        max(box[3], rows.stop),
    )
    pixels = np.zeros((y1 - y0, x1 - x0, 4), np.uint8)
    pixels[rows.start - y0 : rows.stop - y0, cols.start - x0 : cols.stop - x0, 3] = shadow.pixels
    return Patch(x0, y0, pixels)


def _outline(view: View, uv: Matrix) -> tuple[int, int, int, int] | None:
    """The piece of a view around (2, N) px, None where none of them falls near it."""
    (u0, v0), (u1, v1) = uv.min(1).tolist(), uv.max(1).tolist()
    x0, y0 = max(math.floor(u0) - 2, 0), max(math.floor(v0) - 2, 0)
    x1, y1 = min(math.ceil(u1) + 3, view.width), min(math.ceil(v1) + 3, view.height)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _clipped(ends: Matrix, depth: Matrix) -> NDArray[np.int32] | None:
    """Cut a polygon in homogeneous px at the near plane; int32 px in sixteenths, None if nothing is left."""
    kept = []
    for k in range(len(ends)):
        a, b, za, zb = ends[k - 1], ends[k], float(depth[k - 1]), float(depth[k])
        if (za > _NEAR_M) != (zb > _NEAR_M):
            kept.append(a + (b - a) * (_NEAR_M - za) / (zb - za))
        if zb > _NEAR_M:
            kept.append(b)
    if len(kept) < 3:
        return None
    points = np.stack(kept)
    return np.asarray(np.rint(16 * points[:, :2] / points[:, 2:]), np.int32)
