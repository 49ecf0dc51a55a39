"""Pictures to compare and to calibrate with: a folder of real pairs, or the synthetic scene and noise."""

from pathlib import Path

import numpy as np

from cmdfc.data.pairs import Pair, PairFolder
from irvis.scene import Scene, SceneConfig

SYNTHETIC_SIZE = (640, 480)
LIGHTS = ("night", "day")
TIMES_S = (0.0, 4.0)
CALIBRATION_TIMES_S = tuple(2.0 + 3.0 * place for place in range(8))


def to_compare(folder: Path | None) -> list[Pair]:
    """Pairs for the parity: those of a folder with vi/ and ir/, or synthetic ones by night and day, and noise.

    Raises:
        DataError: The folder has no pairs.
    """
    if folder is not None:
        return _real(folder)
    width, height = SYNTHETIC_SIZE
    rng = np.random.default_rng(0)
    noise = Pair(
        "noise",
        rng.integers(0, 256, (height, width, 3), np.uint8),
        rng.integers(0, 256, (height, width), np.uint8),
        None,
    )
    return [*_synthetic(TIMES_S), noise]


def to_calibrate(folder: Path | None) -> list[Pair]:
    """Pairs that tell a quantizer the range of each layer: other synthetic ones than are compared."""
    return _real(folder) if folder is not None else _synthetic(CALIBRATION_TIMES_S)


def _synthetic(times_s: tuple[float, ...]) -> list[Pair]:
    width, height = SYNTHETIC_SIZE
    pairs = []
    for light in LIGHTS:
        config = {"light": light, "width": width, "height": height, "ir_width": width, "ir_height": height}
        scene = Scene(SceneConfig.model_validate(config))
        pairs += [Pair(f"{light} at {t:g} s", scene.visible(t), scene.infrared(t), None) for t in times_s]
    return pairs


def _real(folder: Path) -> list[Pair]:
    return list(PairFolder(folder))
