"""The coarse search: all shifts at once by Fourier transforms, for a few turns and scales."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import Pixels
from ..geometry import Matrix, scaling
from .structure import Field, structure

TURNS_DEG = (-3.0, -1.5, 0.0, 1.5, 3.0)
SCALES = (0.95, 0.975, 1.0, 1.025, 1.05)
Spectrum: TypeAlias = NDArray[np.complexfloating]
KEEP = 8
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
    planes = *cv2.split(visible), np.ones((height, width), np.float32)
    there = [np.fft.rfft2(plane, shape) for plane in planes]
    energy = np.fft.rfft2(_energy(visible), shape)
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


def _energy(field: Field) -> NDArray[np.float32]:
    x, y = cv2.split(field)
    return np.asarray(x * x + y * y, np.float32)


def _best_shift(
    there: Sequence[Spectrum], energy: Spectrum, infrared: Field, shape: tuple[int, int], reach_px: int
) -> tuple[float, Matrix]:
    x, y, mask = there
    here_x, here_y = (np.fft.rfft2(plane, shape).conj() for plane in cv2.split(infrared))
    both = np.fft.irfft2(x * here_x + y * here_y, shape)
    # What each picture has where the two overlap at this shift.
    theirs = np.fft.irfft2(energy * mask.conj(), shape)
    ours = np.fft.irfft2(mask * np.fft.rfft2(_energy(infrared), shape).conj(), shape)
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
