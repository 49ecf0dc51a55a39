"""Pictures to compare and to calibrate with: a folder of real pairs, or the synthetic scene and noise."""

from pathlib import Path

import cv2
import numpy as np

from cmdfc.data.pairs import Pair, PairFolder
from irvis.engine.shapes import Size
from irvis.scene import Scene, SceneConfig

SYNTHETIC_SIZE = (640, 480)
LIGHTS = ("night", "day")
TIMES_S = (0.0, 4.0)
CALIBRATION_TIMES_S = tuple(2.0 + 3.0 * place for place in range(8))


def to_compare(folder: Path | None, size: Size | None = None) -> list[Pair]:
    """Pairs for the parity: those of a folder with vi/ and ir/, or synthetic ones by night and day, and noise.

    Args:
        folder: None for synthetic ones.
        size: Width and height [px] that an artifact is compiled for; without, real pairs stay as they are.

    Raises:
        DataError: The folder has no pairs.
    """
    if folder is not None:
        return [_at(size, pair) if size else pair for pair in _real(folder)]
    width, height = size or SYNTHETIC_SIZE
    rng = np.random.default_rng(0)
    noise = Pair(
        "noise",
        rng.integers(0, 256, (height, width, 3), np.uint8),
        rng.integers(0, 256, (height, width), np.uint8),
        None,
    )
    return [*_synthetic(TIMES_S, (width, height)), noise]


def to_calibrate(folder: Path | None) -> list[Pair]:
    """Pairs that tell a quantizer the range of each layer: other synthetic ones than are compared."""
    return _real(folder) if folder is not None else _synthetic(CALIBRATION_TIMES_S, SYNTHETIC_SIZE)


def _synthetic(times_s: tuple[float, ...], size: Size) -> list[Pair]:
    width, height = size
    pairs = []
    for light in LIGHTS:
        config = {"light": light, "width": width, "height": height, "ir_width": width, "ir_height": height}
        scene = Scene(SceneConfig.model_validate(config))
        pairs += [Pair(f"{light} at {t:g} s", scene.visible(t), scene.infrared(t), None) for t in times_s]
    return pairs


def _at(size: Size, pair: Pair) -> Pair:
    """A pair enlarged or reduced; its labels, which no parity asks for, are left out."""
    visible, infrared = (cv2.resize(image, size).astype(np.uint8) for image in (pair.visible, pair.infrared))
    return Pair(pair.name, visible, infrared, None)


def _real(folder: Path) -> list[Pair]:
    return list(PairFolder(folder))
