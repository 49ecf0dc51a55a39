"""The synthetic street through two cameras, with the truth about what is where."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .actors import Actor, Spectrum
from .background import draw_background, stand
from .camera import Camera, Matrix, View, infrared_view, vis_from_ir, visible_view
from .cast import hire
from .config import SceneConfig
from .headlights import Headlights, add_lamps
from .light import LIGHTINGS
from .objects import SceneObject
from .props import furnish
from .sensor import InfraredSensor, VisibleSensor
from .sprite import Patch, attenuate, lay
from .vehicles import Car


LookName = Literal["visible", "infrared", "truth"]


@dataclass(frozen=True)
class _Look:
    """One way to see the street: a view, a spectrum, and the still things that hide moving ones."""

    view: View
    spectrum: Spectrum
    occluders: list[tuple[float, Patch]]


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
        props = furnish(self._camera, self._lighting, config.seed)
        sight, warmth = visible_view(config), infrared_view(config)
        self._visible = draw_background(self._camera, sight, self._lighting, props, config.seed, "colour")
        self._infrared = draw_background(self._camera, warmth, self._lighting, props, config.seed, "heat")
        add_lamps(self._visible.picture, self._camera, sight, self._lighting)
        hiding = [(prop.z, patch) for prop, patch in stand(self._camera, sight, props, "heat")]
        self._looks: dict[LookName, _Look] = {
            "visible": _Look(sight, "colour", self._visible.occluders),
            "infrared": _Look(warmth, "heat", self._infrared.occluders),
            "truth": _Look(sight, "heat", hiding),
        }
        self._actors = hire(config, self._camera, self._lighting)
        self._headlights = Headlights(self._camera, sight, self._lighting)
        self._lit_cars = [a for a in self._actors if isinstance(a, Car) and a.lights_on]
        self._visible_sensor, self._infrared_sensor = VisibleSensor(config), InfraredSensor(config)

    def visible(self, time_s: float) -> NDArray[np.uint8]:
        """The visible picture at a time [s]: (height, width, 3) uint8 BGR."""
        picture = self._visible.picture.copy()
        lights, cars, view = self._headlights, self._lit_cars, self._looks["visible"].view
        lights.light_road(picture, cars, time_s)
        drawn = self._drawn("visible", time_s)
        for actor, z, patch in drawn:
            x = (actor.where(time_s) or (0.0, z))[0]
            shadow = actor.shadow(view, time_s)
            if shadow is not None:
                self._hide(shadow, self._looks["visible"], z)
                lay(picture, shadow)
            lay(picture, patch, lights.gain(self._lighting.on(x, 1.0, z), lights.on(cars, x, z, time_s)))
        for k, (actor, _, _) in enumerate(drawn):
            if isinstance(actor, Car):
                lights.glare(picture, actor, [patch for _, _, patch in drawn[k + 1 :]], time_s)
        return self._visible_sensor.expose(picture, time_s)

    def infrared(self, time_s: float) -> NDArray[np.uint8]:
        """The infrared picture at a time [s]: (ir_height, ir_width) uint8, white is hot."""
        picture = self._infrared.picture.copy()
        for _, _, patch in self._drawn("infrared", time_s):
            lay(picture, patch)
        return self._infrared_sensor.expose(picture, time_s)

    def labels(self, time_s: float) -> NDArray[np.uint8]:
        """Class ids in the visible view at a time [s]: (height, width) uint8, values of `CLASS_IDS`."""
        labels = self._visible.labels.copy()
        for actor, _, patch in self._drawn("truth", time_s):
            labels[patch.slices][patch.pixels[:, :, -1] > 127] = actor.class_id
        return labels

    def objects(self, time_s: float) -> list[SceneObject]:
        """The moving objects with labelled pixels at a time [s], nearest last."""
        owner = np.zeros(self._visible.labels.shape, np.int32)
        drawn = self._drawn("truth", time_s)
        for actor, _, patch in drawn:
            owner[patch.slices][patch.pixels[:, :, -1] > 127] = actor.id
        found = []
        for actor, z, patch in drawn:
            rows, cols = np.nonzero(owner[patch.slices] == actor.id)
            if len(rows):
                x0, y0 = int(cols.min()) + patch.x, int(rows.min()) + patch.y
                x1, y1 = int(cols.max()) + patch.x + 1, int(rows.max()) + patch.y + 1
                found.append(SceneObject(actor.id, actor.class_id, (x0, y0, x1, y1), actor.seen_by, z))
        return found

    def _drawn(self, name: LookName, time_s: float) -> list[tuple[Actor, float, Patch]]:
        """Every actor in sight with its depth [m] and patch, farthest first."""
        look = self._looks[name]
        there = [(actor, actor.where(time_s)) for actor in self._actors]
        near_last = sorted(((place[1], actor.id, actor) for actor, place in there if place), reverse=True)
        drawn = []
        for z, _, actor in near_last:
            patch = actor.draw(look.view, look.spectrum, time_s)
            if patch is None:
                continue
            self._hide(patch, look, z)
            drawn.append((actor, z, patch))
        return drawn

    @staticmethod
    def _hide(patch: Patch, look: _Look, depth_m: float) -> None:
        """Take out of a patch at a depth [m] what still things before it hide."""
        for z, occluder in look.occluders:
            if z < depth_m:
                attenuate(patch, occluder)
