"""What every metric takes: gray pictures of one shape, and how a colour picture becomes one."""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Gray: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.floating[Any]]
"""(H, W) gray levels in 0..255, of whichever number type."""


def gray_from_bgr(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn a colour picture into the gray one that the metrics are taken on.

    BT.601 luma as the published evaluations (CDDFuse and its followers) take it: OpenCV's
    BGR2GRAY in float32, then rounded. OpenCV's 8-bit conversion differs by up to one level.

    Args:
        bgr: (H, W, 3) uint8.

    Returns:
        (H, W) uint8.

    Example:
        >>> gray_from_bgr(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8))
        array([[ 29, 150,  76]], dtype=uint8)
    """
    if bgr.ndim != 3 or bgr.shape[2] != 3 or bgr.dtype != np.uint8:
        raise ValueError(f"expected a (H, W, 3) uint8 BGR picture, got {bgr.shape} {bgr.dtype}")
    return np.rint(cv2.cvtColor(bgr.astype(np.float32), cv2.COLOR_BGR2GRAY)).astype(np.uint8)


def checked(*images: Gray, smallest: int = 1) -> tuple[NDArray[np.float64], ...]:
    """Check that the pictures are gray, in range and of one shape, and return them as float64.

    Args:
        *images: each (H, W), 0..255.
        smallest: the fewest rows and columns [px] that the metric is defined on.

    Returns:
        The pictures in the order given, each (H, W) float64, 0..255.

    Raises:
        ValueError: not (H, W), smaller than `smallest`, of different shapes, or with levels
            outside 0..255 (NaN included).
    """
    shape = images[0].shape
    if len(shape) != 2:
        raise ValueError(f"expected gray pictures of shape (H, W), got {shape}")
    if min(shape) < smallest:
        raise ValueError(f"expected at least {smallest}x{smallest} pixels, got shape {shape}")
    for image in images:
        if image.shape != shape:
            raise ValueError(f"expected pictures of one shape, got {shape} and {image.shape}")
        low, high = image.min(), image.max()
        if not (low >= 0 and high <= 255):
            raise ValueError(f"expected gray levels in 0..255, got {low:g}..{high:g}")
    return tuple(image.astype(np.float64, copy=False) for image in images)


def levels(image: NDArray[np.float64]) -> NDArray[np.intp]:
    """Round checked gray levels to whole ones.

    Args:
        image: (H, W), 0..255.

    Returns:
        (H*W,) whole levels 0..255.
    """
    return np.rint(image).astype(np.intp).ravel()
