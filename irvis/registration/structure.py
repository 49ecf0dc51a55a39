"""What both cameras see alike: where edges are and how they run, whichever side is bright."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import Pixels

Field: TypeAlias = NDArray[np.float32]
"""(H, W, 2) float32: edge direction as a vector of the doubled angle, up to 1 long."""

Plane: TypeAlias = NDArray[np.float32]

SMOOTH_PX = 1.0
NOISE = 0.2, 2.0
"""Gradient [gray levels per px] below which structure counts as noise: the picture's median, within these."""
FLOOR = 0.7
"""Added to the edges around, so that flat surroundings don't make edges of noise [gray levels per px]."""
SPARSE = 2
"""Every how many columns and rows a median is taken of."""


def structure(picture: Pixels, smooth_px: float = SMOOTH_PX) -> Field:
    """The directions of a picture's edges, blind to polarity and nearly to contrast.

    The gradient's angle is doubled, so that dark-to-bright and bright-to-dark are one direction, as in normalised
    gradient fields (Haber and Modersitzki 2006).

    Args:
        picture: (H, W) uint8.
        smooth_px: How far the picture is averaged, and again its doubled gradients.

    Returns:
        (H, W, 2) float32.
    """
    x, y = slopes(_blurred(picture.astype(np.float32), smooth_px))
    strength = cv2.magnitude(x, y) + 1e-6
    # Plane by plane: OpenCV is several times as slow at two channels, and so is NumPy at strides.
    along, across = (_blurred(plane / strength, smooth_px) for plane in ((x - y) * (x + y), 2 * x * y))
    length = np.asarray(cv2.magnitude(along, across), np.float32)
    length += np.clip(middle(length[::SPARSE, ::SPARSE]), *NOISE)
    return np.asarray(cv2.merge([along / length, across / length]), np.float32)


def slopes(plane: Plane) -> tuple[Plane, Plane]:
    """How a plane (H, W) rises to the right and down, per pixel."""
    x, y = (cv2.Sobel(plane, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def middle(values: Plane) -> float:
    """The upper median of some values, several times as fast as `np.median`."""
    half = values.size // 2
    return float(np.partition(values, half, axis=None)[half])


def _blurred(plane: Plane, sigma_px: float) -> Plane:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px), np.float32)


def reduced(picture: Pixels, factor: float) -> Pixels:
    """The picture at 1 / factor of its size."""
    if factor == 1:
        return picture
    size = round(picture.shape[1] / factor), round(picture.shape[0] / factor)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def edge_strength(picture: Pixels) -> Pixels:
    """(H, W) uint8: how strong edges are, against those around them; for matching features across cameras."""
    strength = cv2.magnitude(*slopes(_blurred(picture.astype(np.float32), SMOOTH_PX)))
    around = cv2.GaussianBlur(strength, (0, 0), 12.0) + FLOOR
    return np.asarray(np.clip(np.rint(strength / around * 64), 0, 255), np.uint8)
