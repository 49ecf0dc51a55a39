"""Everything that stands still, drawn once per view: the picture behind, and what may hide moving things."""

from dataclasses import dataclass

import numpy as np

from .actors import Spectrum
from .camera import Camera, View
from .facades import Front
from .glow import bloom, shadow_patch, shadow_sprite
from .ground import draw_ground
from .light import Lighting
from .props import Prop
from .sprite import Patch, Pixels, darken, lay, lit


@dataclass(frozen=True)
class Background:
    """The still street in one view and one spectrum.

    Attributes:
        picture: (h, w, 3) uint8 BGR or (h, w) uint8 infrared level.
        labels: (h, w) uint8 class ids of what stands still.
        occluders: Depth [m] and patch of each thing that may stand before something moving.
    """

    picture: Pixels
    labels: Pixels
    occluders: list[tuple[float, Patch]]


def draw_background(
    camera: Camera, view: View, lighting: Lighting, fronts: list[Front], props: list[Prop], seed: int,
    spectrum: Spectrum,
) -> Background:  # fmt: skip
    """Draw the still street into a view, reflectance under its light or heat."""
    warm = spectrum == "heat"
    flat = draw_ground(camera, view, lighting, seed, warm)
    picture = np.rint(np.clip(flat.picture, 0, 255)).astype(np.uint8)
    labels = flat.labels
    for front in fronts:
        wall = front.patch(view, warm)
        if wall is not None:
            lay(picture, wall)
            labels[wall.slices][wall.pixels[:, :, -1] > 127] = 0
    occluders = []
    shade = shadow_sprite(0.55, 0.2)
    for prop in props:
        shadow = None if warm else shadow_patch(camera, view, shade, (prop.x, prop.z), prop.foot_m)
        if shadow is not None:
            darken(picture, shadow)
    for prop, patch in stand(camera, view, props, spectrum):
        light = lighting.on(prop.x, 0.3, prop.z - 0.4)
        lay(picture, patch if warm else Patch(patch.x, patch.y, lit(patch.pixels, light)))
        labels[patch.slices][patch.pixels[:, :, -1] > 127] = prop.class_id
        occluders.append((prop.z, patch))
    if not warm and lighting.lamps:
        picture = bloom(picture, 0.16)
    return Background(picture, labels, occluders)


def stand(camera: Camera, view: View, props: list[Prop], spectrum: Spectrum) -> list[tuple[Prop, Patch]]:
    """The props that a view shows, each with its patch, farthest first."""
    found = ((prop, prop.patch(camera, view, spectrum == "heat")) for prop in props)
    return [(prop, patch) for prop, patch in found if patch is not None]
