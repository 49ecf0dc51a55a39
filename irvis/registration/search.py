"""The coarse search: all shifts at once by Fourier transforms, for a few turns and scales."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import Pixels
from ..geometry import Matrix, scaling
from .structure import Field, structure

TURNS_DEG = (-3.0, -1.5, 0.0, 1.5, 3.0)
SCALES = (0.95, 1.0, 1.05)
KEEP = 3
"""Candidates to follow up."""


def search(visible: Field, infrared: Pixels, reach_px: int, turns: bool) -> list[Matrix]:
    """Where the infrared may lie on the visible, best first.

    Args:
        visible: (H, W, 2) structure of a small visible picture.
        infrared: (H', W') the small infrared picture.
        reach_px: Largest shift to look for [px of the small pictures].
        turns: Also try turning and scaling.

    Returns:
        (3, 3) ir_from_vis homographies between the small pictures.
    """
    height, width = visible.shape[:2]
    own_size = infrared.shape[1], infrared.shape[0]
    shape = cv2.getOptimalDFTSize(2 * height), cv2.getOptimalDFTSize(2 * width)
    there = _transformed(np.dstack([visible, np.ones_like(visible[..., :1])]), shape)
    energy = np.fft.rfft2((visible**2).sum(axis=2), shape)
    found: list[tuple[float, Matrix]] = []
    for scale in SCALES if turns else (1.0,):
        for turn_deg in TURNS_DEG if turns else (0.0,):
            ir_from_vis = scaling((width, height), own_size) @ _turned(scale, turn_deg, (width, height))
            upright = cv2.warpPerspective(
                infrared,
                ir_from_vis,
                (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            ).astype(np.uint8, copy=False)
            score, shift = _best_shift(there, energy, structure(upright), shape, reach_px)
            found.append((score, ir_from_vis @ shift))
    return [matrix for _, matrix in sorted(found, key=lambda each: -each[0])[:KEEP]]


def _transformed(field: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.complex128]:
    return np.fft.rfft2(field, shape, axes=(0, 1))


def _best_shift(
    there: NDArray[np.complex128],
    energy: NDArray[np.complex128],
    infrared: Field,
    shape: tuple[int, int],
    reach_px: int,
) -> tuple[float, Matrix]:
    here = _transformed(infrared, shape).conj()
    both = np.fft.irfft2((there[..., :2] * here).sum(axis=2), shape)
    # What each picture has where the two overlap at this shift.
    mask = there[..., 2]
    theirs = np.fft.irfft2(energy * mask.conj(), shape)
    ours = np.fft.irfft2(mask * np.fft.rfft2((infrared**2).sum(axis=2), shape).conj(), shape)
    score = both / np.sqrt(np.maximum(theirs, 1) * np.maximum(ours, 1))
    near = np.roll(score, (reach_px, reach_px), (0, 1))[: 2 * reach_px + 1, : 2 * reach_px + 1]
    row, column = np.unravel_index(near.argmax(), near.shape)
    down, right = int(row) - reach_px, int(column) - reach_px
    return float(near.max()), np.array([[1, 0, -right], [0, 1, -down], [0, 0, 1]], np.float64)


def _turned(scale: float, turn_deg: float, size: tuple[int, int]) -> Matrix:
    turn = math.radians(turn_deg)
    x, y = (size[0] - 1) / 2, (size[1] - 1) / 2
    c, s = scale * math.cos(turn), scale * math.sin(turn)
    return np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y], [0, 0, 1]])
