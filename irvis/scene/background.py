"""Everything that stands still, drawn once per view: the picture behind, and what may hide moving things."""

from dataclasses import dataclass

import numpy as np

from .actors import Spectrum
from .camera import Camera, View
from .facades import draw_houses
from .ground import draw_ground
from .light import Lighting
from .props import Prop
from .sprite import Patch, Pixels, lay


@dataclass(frozen=True)
class Background:
    """The still street in one view and one spectrum.

    Attributes:
        picture: (h, w, 3) uint8 BGR or (h, w) uint8 infrared level.
        labels: (h, w) uint8 class ids.
        occluders: Depth [m] and patch of each thing that may stand before something moving.
    """

    picture: Pixels
    labels: Pixels
    occluders: list[tuple[float, Patch]]

    def before(self, depth_m: float) -> list[Patch]:
        """Patches of the still things nearer than a depth [m]."""
        return [patch for z, patch in self.occluders if z < depth_m]


def draw_background(
    camera: Camera, view: View, lighting: Lighting, props: list[Prop], seed: int, spectrum: Spectrum
) -> Background:
    """Draw the still street into a view, reflectance under its light or heat."""
    warm = spectrum == "heat"
    flat = draw_ground(camera, view, lighting, seed, warm)
    picture = np.rint(np.clip(flat.picture, 0, 255)).astype(np.uint8)
    labels = flat.labels
    for patch in draw_houses(camera, view, lighting, seed, warm):
        lay(picture, patch)
        labels[patch.slices][patch.pixels[:, :, -1] > 127] = 0
    occluders = []
    for prop in props:
        patch_ = prop.patch(camera, view, warm)
        if patch_ is None:
            continue
        lay(picture, patch_, (1, 1, 1) if warm else lighting.on(prop.x, 1.5, prop.z - 0.4))
        labels[patch_.slices][patch_.pixels[:, :, -1] > 127] = prop.class_id
        occluders.append((prop.z, patch_))
    return Background(picture, labels, occluders)
