"""Labelled pairs of the synthetic street: exact labels, and more of the classes that real sets have little of."""

from collections.abc import Iterator

import numpy as np

from irvis.scene import Scene, SceneConfig

from .pairs import Pair

LIGHTS = ("night", "dusk", "day")
PICTURES_OF_A_STREET = 8
FIRST_SEED = 1000
"""Streets of smaller seeds are for demonstrations and tests, and are never trained on."""


def synthetic_pairs(count: int) -> Iterator[Pair]:
    """Pictures of several streets at all times of day, 640 x 480; always the same ones."""
    for index in range(count):
        street, moment = divmod(index, PICTURES_OF_A_STREET)
        if moment == 0:
            light = LIGHTS[street % len(LIGHTS)]
            scene = Scene(SceneConfig.model_validate({"seed": FIRST_SEED + street, "light": light}))
        time_s = float(np.random.default_rng(index).uniform(0, 48))
        name = f"synthetic-{index}"
        yield Pair(name, scene.visible(time_s), scene.infrared(time_s), scene.labels(time_s))
