"""Corners of markers to a fraction of a pixel: lines fitted to the four edges, crossed.

Blur pulls a corner inwards, so that looking at the corner itself is biased; it moves no edge.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.frame import Pixels
from irvis.geometry import Matrix

SAMPLES = 15
ACROSS = 41
FAR_PX = 4.0


def refine_quad(gray: Pixels, corners: Matrix) -> Matrix:
    """Refine a quadrilateral that is darker or brighter than what is around it.

    Args:
        gray: (H, W) uint8.
        corners: (4, 2) x, y [px], about right, in either order around.

    Returns:
        (4, 2) refined; as given where an edge can't be followed.
    """
    refined = corners.astype(np.float64)
    for _ in range(2):
        lines = np.array([_edge(gray, refined[k], refined[(k + 1) % 4], refined.mean(axis=0)) for k in range(4)])
        crossings = np.cross(np.roll(lines, 1, axis=0), lines)
        if (np.abs(crossings[:, 2]) < 1e-9).any():
            return corners
        refined = crossings[:, :2] / crossings[:, 2:]
    moved_px = np.linalg.norm(refined - corners, axis=1).max()
    return refined if moved_px < max(FAR_PX, 0.08 * np.linalg.norm(corners[0] - corners[2])) else corners


def _edge(gray: Pixels, start: Matrix, end: Matrix, inside: Matrix) -> Matrix:
    """The (3,) line through the steepest places across an edge."""
    along = end - start
    length = float(np.linalg.norm(along))
    outwards = np.array([along[1], -along[0]]) / length
    if np.dot(outwards, (start + end) / 2 - inside) < 0:
        outwards = -outwards
    reach = max(2.5, 0.1 * length)
    offsets = np.linspace(-reach, reach, ACROSS)
    bases = start + along * np.linspace(0.15, 0.85, SAMPLES)[:, None]
    places = (bases[:, None] + outwards * offsets[None, :, None]).astype(np.float32)
    profiles = np.asarray(
        cv2.remap(gray.astype(np.float32), places[..., 0].copy(), places[..., 1].copy(), cv2.INTER_LINEAR)
    )
    smooth = np.asarray(cv2.GaussianBlur(profiles, (0, 0), sigmaX=ACROSS / (4 * reach), sigmaY=0.5), np.float32)
    found = bases + outwards * _steepest(smooth, offsets)[:, None]
    x_along, y_along, x, y = cv2.fitLine(found.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return np.array([-y_along, x_along, x * y_along - y * x_along])


def _steepest(profiles: NDArray[np.float32], offsets: Matrix) -> Matrix:
    """(N,) where each profile is steepest in the direction in which most of them step: a centroid around there."""
    slope = np.gradient(profiles, axis=1)
    slope = np.clip(slope * np.sign(slope.sum()), 0, None)
    peak = slope.argmax(axis=1)
    near = np.abs(np.arange(profiles.shape[1])[None] - peak[:, None]) <= ACROSS // 5
    weight = slope * near
    centroid: Matrix = (weight * offsets).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-6)
    return centroid
