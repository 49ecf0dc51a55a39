"""The maths of two cameras: matrices are named dest_from_src, so that chains read by cancelling words."""

import cv2
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def warp_points(dest_from_src: Matrix, src_points: Matrix) -> Matrix:
    """Map pixel coordinates of one image into another.

    Args:
        dest_from_src: (3, 3) homography.
        src_points: (N, 2) points as x, y [px], origin at the centre of the top-left pixel.

    Returns:
        (N, 2) points as x, y [px] in the other image; may lie outside it.

    Example:
        >>> shift = np.array([[1.0, 0, 12], [0, 1, -3], [0, 0, 1]])
        >>> warp_points(shift, np.array([[0.0, 0.0]]))
        array([[12., -3.]])
    """
    homogeneous = np.column_stack([src_points, np.ones(len(src_points))]) @ dest_from_src.T
    points: Matrix = homogeneous[:, :2] / homogeneous[:, 2:]
    return points


def scaling(src_size: tuple[int, int], dest_size: tuple[int, int]) -> Matrix:
    """The homography that scales one image size (width, height) [px] to another.

    Pixel centres are at integers, so the outer edges (-0.5) map onto each other.
    """
    scale_x, scale_y = dest_size[0] / src_size[0], dest_size[1] / src_size[1]
    return np.array([[scale_x, 0, (scale_x - 1) / 2], [0, scale_y, (scale_y - 1) / 2], [0, 0, 1]], np.float64)


def remap_tables(
    src_from_dest: Matrix, dest_size: tuple[int, int]
) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """OpenCV's fixed-point maps that warp an image to `dest_size` (width, height) [px].

    Args:
        src_from_dest: (3, 3) homography from the wanted image's pixels to the given image's.
        dest_size: Width and height of the wanted image [px].

    Returns:
        The (H, W, 2) int16 and (H, W) uint16 maps for `cv2.remap`.
    """
    width, height = dest_size
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    points = warp_points(src_from_dest, np.column_stack([x.ravel(), y.ravel()])).astype(np.float32)
    grid = points.reshape(height, width, 2)
    coarse, fine = cv2.convertMaps(grid, None, cv2.CV_16SC2)  # type: ignore[call-overload]
    return coarse, fine
