"""Seeded random textures that the materials of the street are made of."""

import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

Field32 = NDArray[np.float32]


def rng_for(seed: int, name: str) -> np.random.Generator:
    """A random generator of its own for each named part, so that parts do not disturb each other."""
    return np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(name.encode())])


def clouds(rng: np.random.Generator, size: int = 512, coarsest: int = 4, octaves: int = 6) -> Field32:
    """Tileable fractal noise.

    Args:
        rng: Its randomness.
        size: Rows and columns [px].
        coarsest: Grid cells across in the coarsest octave.
        octaves: Number of octaves, each twice as fine and 0.6 times as strong.

    Returns:
        (size, size) float32 with mean 0 and standard deviation 1.
    """
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = min(coarsest * 2**octave, size)
        grid = np.pad(rng.standard_normal((cells, cells), np.float32), 2, mode="wrap")
        step = size // cells
        big = cv2.resize(grid, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
        total += 0.6**octave * big[2 * step : 2 * step + size, 2 * step : 2 * step + size]
    total -= total.mean()
    return np.asarray(total / total.std(), np.float32)


def sample(tile: Field32, u: Field32, v: Field32) -> Field32:
    """Read a tileable texture at (u, v) [tile px], any values, bilinearly."""
    size = tile.shape[0]
    wrapped = cv2.copyMakeBorder(tile, 0, 1, 0, 1, cv2.BORDER_WRAP)
    found = cv2.remap(wrapped, np.mod(u, size), np.mod(v, size), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)
