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


def pixel_grid(size: tuple[int, int]) -> Matrix:
    """(H * W, 2) x, y [px] of every pixel of an image of this width and height, row by row."""
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float64), np.arange(size[1], dtype=np.float64))
    return np.column_stack([x.ravel(), y.ravel()])


def fixed_point(src_points: Matrix, dest_size: tuple[int, int]) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """OpenCV's fixed-point maps, in steps of 1/32 px, for `cv2.remap`.

    Args:
        src_points: (H * W, 2) where each wanted pixel is in the given image, x, y [px], row by row.
        dest_size: Width and height of the wanted image [px].

    Returns:
        The (H, W, 2) int16 and (H, W) uint16 maps.
    """
    width, height = dest_size
    grid = src_points.astype(np.float32).reshape(height, width, 2)
    coarse, fine = cv2.convertMaps(grid, None, cv2.CV_16SC2)  # type: ignore[call-overload]
    return coarse, fine


def sampling_grid(
    coarse: NDArray[np.int16], fine: NDArray[np.uint16], src_size: tuple[int, int]
) -> NDArray[np.float32]:
    """Fixed-point maps as the (H, W, 2) grid that ONNX's and PyTorch's GridSample take (`align_corners=False`).

    The grid says the very places that `cv2.remap` reads, so a graph that samples by it makes the same picture.

    Args:
        coarse: (H, W, 2) int16, whole pixels.
        fine: (H, W) uint16, the rest in 1/32 px: 32 times the one of y plus the one of x.
        src_size: Width and height of the given image [px].
    """
    rest = np.dstack([fine & 31, fine >> 5 & 31]).astype(np.float64) / 32
    places = (coarse + rest + 0.5) * 2 / np.array(src_size) - 1
    grid: NDArray[np.float32] = places.astype(np.float32)
    return grid


def parallax_px(focal_px: float, baseline_m: float, distance_m: float, plane_m: float) -> float:
    """How far a thing at one distance is off [px] where two cameras are aligned for a plane at another.

    f B |1/Z - 1/Z0|, for cameras side by side.

    Example:
        >>> round(parallax_px(800, 0.05, 10, 5), 2)
        4.0
    """
    return focal_px * baseline_m * abs(1 / distance_m - 1 / plane_m)
