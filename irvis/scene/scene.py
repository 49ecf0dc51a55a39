"""The synthetic street through two cameras, with the truth about what is where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .actors import DARK, Actor, Spectrum
from .background import draw_background, stand
from .camera import Camera, Matrix, View, infrared_view, vis_from_ir, visible_view
from .cast import hire
from .config import SceneConfig
from .facades import build_houses
from .headlights import Headlights, Placed, add_lamps
from .light import LIGHTINGS
from .objects import SceneObject
from .occlusion import Occlusion
from .props import furnish
from .sensor import InfraredSensor, VisibleSensor
from .sprite import Patch, lay
from .vehicles import Car

LookName = Literal["visible", "infrared", "truth"]


@dataclass(frozen=True)
class _Look:
    """One way to see the street: a view, a spectrum, and the still things that hide moving ones."""

    view: View
    spectrum: Spectrum
    occlusion: Occlusion


@dataclass(frozen=True)
class _Drawn:
    """An actor in a look: where it stands, world x, z [m], and its patch."""

    actor: Actor
    at: tuple[float, float]
    patch: Patch


class Scene:
    """A street seen by a visible and an infrared camera; a frame is a pure function of config and time.

    Attributes:
        config: What the street is made of.
        vis_from_ir: (3, 3) float64 exact homography, infrared px -> visible px, pixel centres at integers.
    """

    def __init__(self, config: SceneConfig) -> None:
        self.config = config
        self.vis_from_ir: Matrix = vis_from_ir(config)
        self._camera = Camera.of(config)
        self._lighting = LIGHTINGS[config.light]
        fronts = build_houses(self._camera, self._lighting, config.seed)
        props = furnish(self._camera, self._lighting, config.seed)
        sight, warmth = visible_view(config), infrared_view(config)
        self._visible = draw_background(self._camera, sight, self._lighting, fronts, props, config.seed, "colour")
        self._infrared = draw_background(self._camera, warmth, self._lighting, fronts, props, config.seed, "heat")
        add_lamps(self._visible.picture, self._camera, sight, self._lighting)
        hiding = [(prop.z, patch) for prop, patch in stand(self._camera, sight, props, "heat") if prop.opaque]
        looks: tuple[tuple[LookName, View, Spectrum, list[tuple[float, Patch]]], ...] = (
            ("visible", sight, "colour", self._visible.occluders),
            ("infrared", warmth, "heat", self._infrared.occluders),
            ("truth", sight, "heat", hiding),
        )
        self._looks = {
            name: _Look(view, spectrum, Occlusion(view.width, view.height, still))
            for name, view, spectrum, still in looks
        }
        self._actors = hire(config, self._camera, self._lighting)
        self._headlights = Headlights(self._camera, sight, self._lighting)
        self._visible_sensor, self._infrared_sensor = (
            VisibleSensor(config, self._visible.picture),
            InfraredSensor(config, self._infrared.picture),
        )

    def visible(self, time_s: float) -> NDArray[np.uint8]:
        """The visible picture at a time [s]: (height, width, 3) uint8 BGR."""
        picture = self._visible.picture.copy()
        there = ((a, a.where(time_s)) for a in self._actors if isinstance(a, Car) and a.lights_on)
        cars = [(car, at) for car, at in there if at is not None]
        lights = self._headlights.light_road(picture, cars, self._looks["visible"].occlusion)
        drawn = self._drawn("visible", time_s, cars)
        for one in drawn:
            lay(picture, one.patch)
        for k, one in enumerate(drawn):
            if isinstance(one.actor, Car) and one.actor.lights_on:
                nearer = [other.patch for other in drawn[k + 1 :]]
                lights += self._headlights.glare(picture, (one.actor, one.at), nearer)
        changed = [patch.slices for patch in lights] + [one.patch.slices for one in drawn]
        return self._visible_sensor.expose(picture, changed, time_s)

    def infrared(self, time_s: float) -> NDArray[np.uint8]:
        """The infrared picture at a time [s]: (ir_height, ir_width) uint8, white is hot."""
        picture = self._infrared.picture.copy()
        drawn = self._drawn("infrared", time_s)
        for one in drawn:
            lay(picture, one.patch)
        return self._infrared_sensor.expose(picture, [one.patch.slices for one in drawn], time_s)

    def labels(self, time_s: float) -> NDArray[np.uint8]:
        """Class ids in the visible view at a time [s]: (height, width) uint8, values of `CLASS_IDS`."""
        labels = self._visible.labels.copy()
        for one in self._drawn("truth", time_s):
            labels[one.patch.slices][one.patch.pixels[:, :, -1] > 127] = one.actor.class_id
        return labels

    def objects(self, time_s: float) -> list[SceneObject]:
        """Every person, bike and car with labelled pixels at a time [s], farthest first."""
        owner = np.zeros(self._visible.labels.shape, np.int32)
        drawn = self._drawn("truth", time_s)
        for one in drawn:
            owner[one.patch.slices][one.patch.pixels[:, :, -1] > 127] = one.actor.id
        found = []
        for one in drawn:
            rows, cols = np.nonzero(owner[one.patch.slices] == one.actor.id)
            if len(rows):
                x0, y0 = int(cols.min()) + one.patch.x, int(rows.min()) + one.patch.y
                x1, y1 = int(cols.max()) + one.patch.x + 1, int(rows.max()) + one.patch.y + 1
                actor = one.actor
                found.append(SceneObject(actor.id, actor.class_id, (x0, y0, x1, y1), actor.seen_by, one.at[1]))
        return found

    def _drawn(self, name: LookName, time_s: float, cars: Sequence[Placed] = ()) -> list[_Drawn]:
        """Every actor in sight, farthest first; `cars` throw their light on them."""
        look = self._looks[name]
        there = [(actor, actor.where(time_s)) for actor in self._actors]
        order = sorted(
            ((at[1], -actor.id, actor, at) for actor, at in there if at), reverse=True, key=lambda o: o[:2]
        )
        drawn = []
        for z, _, actor, at in order:
            light = DARK
            if look.spectrum == "colour":
                light = self._headlights.on(cars, self._lighting.on(at[0], 1.0, z), *at)
            patch = actor.draw(look.view, look.spectrum, time_s, at, light)
            if patch is not None:
                look.occlusion.hide(patch, z)
                drawn.append(_Drawn(actor, at, patch))
        return drawn
