"""What both cameras see alike: where edges are and how they run, whichever side is bright."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import Pixels

Field: TypeAlias = NDArray[np.float32]
"""(H, W, 2) float32: edge direction as a vector of the doubled angle, up to 1 long."""

PRESMOOTH_PX = 1.0
SMOOTH_PX = 1.0
NOISE = 0.2, 2.0
"""Gradient [gray levels per px] below which structure counts as noise: the picture's median, within these."""
FLOOR = 0.7
"""Added to the edges around, so that flat surroundings don't make edges of noise [gray levels per px]."""


def structure(picture: Pixels) -> Field:
    """The directions of a picture's edges, blind to polarity and nearly to contrast.

    The gradient's angle is doubled, so that dark-to-bright and bright-to-dark are one direction, as in normalised
    gradient fields (Haber and Modersitzki 2006).

    Args:
        picture: (H, W) uint8.

    Returns:
        (H, W, 2) float32.
    """
    smooth = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), PRESMOOTH_PX)
    x = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    y = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    strength = cv2.magnitude(x, y) + 1e-6
    doubled = np.dstack([(x * x - y * y) / strength, 2 * x * y / strength])
    doubled = np.asarray(cv2.GaussianBlur(doubled, (0, 0), SMOOTH_PX), np.float32)
    length = cv2.magnitude(doubled[..., 0], doubled[..., 1])
    noise = float(np.clip(np.median(length), *NOISE))
    field: Field = doubled / (length + noise)[..., None]
    return field


def reduced(picture: Pixels, factor: float) -> Pixels:
    """The picture at 1 / factor of its size."""
    if factor == 1:
        return picture
    size = round(picture.shape[1] / factor), round(picture.shape[0] / factor)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def edge_strength(picture: Pixels) -> Pixels:
    """(H, W) uint8: how strong edges are, against those around them; for matching features across cameras."""
    smooth = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), PRESMOOTH_PX)
    x = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    y = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    strength = cv2.magnitude(x, y)
    around = cv2.GaussianBlur(strength, (0, 0), 12.0) + FLOOR
    return np.asarray(np.clip(np.rint(strength / around * 64), 0, 255), np.uint8)
