"""What the pairs of a data set are off by as they come: small patches of each pair matched by shifts alone.

Fitted to many pairs together it is what the set's cameras have in common, such as a lens that was not undone;
`undone` takes that out of a picture. Nothing in here uses `register`, which it is to judge.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from irvis.frame import Pixels
from irvis.geometry import Matrix, pixel_grid
from irvis.registration.structure import structure

PATCH_PX, REACH_PX = 64, 8
LEAST_CORRELATION = 0.35
ROUNDS, OUTLIER_PX = 40, 0.8


def offsets(visible: Pixels, infrared: Pixels) -> Matrix:
    """(N, 4) where patches are, in widths from the middle, and their offsets right and down [px].

    Both pictures are (H, W) of one size.
    """
    height, width = visible.shape
    there, here = structure(visible), structure(infrared)
    energy = np.asarray((there**2).sum(axis=2), np.float32)
    found = []
    for y in range(REACH_PX, height - PATCH_PX - REACH_PX + 1, PATCH_PX // 2):
        for x in range(REACH_PX, width - PATCH_PX - REACH_PX + 1, PATCH_PX // 2):
            patch = here[y : y + PATCH_PX, x : x + PATCH_PX]
            around = np.s_[y - REACH_PX : y + PATCH_PX + REACH_PX, x - REACH_PX : x + PATCH_PX + REACH_PX]
            shared = sum(
                cv2.matchTemplate(each, part, cv2.TM_CCORR)
                for each, part in zip(cv2.split(there[around]), cv2.split(patch), strict=True)
            )
            theirs = cv2.matchTemplate(energy[around], np.ones(patch.shape[:2], np.float32), cv2.TM_CCORR)
            score = shared / np.sqrt(np.maximum(theirs, 1e-6) * float((patch**2).sum() + 1e-6))
            row, column = np.unravel_index(int(score.argmax()), score.shape)
            inside = 0 < row < 2 * REACH_PX and 0 < column < 2 * REACH_PX
            if inside and score[row, column] >= LEAST_CORRELATION:
                middle = np.array([x + (PATCH_PX - width) / 2, y + (PATCH_PX - height) / 2]) / width
                found.append([*middle, column - REACH_PX, row - REACH_PX])
    return np.array(found, np.float64).reshape(-1, 4)


def common(every: Iterable[Matrix]) -> Matrix:
    """(2, 12) the smooth field that the offsets of many pairs share, by reweighted least squares."""
    rows = np.concatenate(list(every))
    terms = _terms(rows[:, :2])
    field = []
    for offset in rows.T[2:]:
        weight = np.ones(len(rows))
        for _ in range(ROUNDS):
            solution = np.linalg.lstsq(terms * weight[:, None], offset * weight)[0]
            weight = (1 + ((offset - terms @ solution) / OUTLIER_PX) ** 2) ** -0.75
        field.append(solution)
    return np.array(field)


def undone(infrared: Pixels, field: Matrix) -> Pixels:
    """The picture (H, W) with the common offsets taken out."""
    size = infrared.shape[1], infrared.shape[0]
    grid = pixel_grid(size)
    middle = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    columns, rows = (
        (grid - _terms((grid - middle) / size[0]) @ field.T).T.astype(np.float32).reshape(2, *infrared.shape)
    )
    return np.asarray(
        cv2.remap(infrared, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _terms(places: Matrix) -> Matrix:
    """(N, 12) all terms to the third order, and a lens's fifth."""
    x, y = places.T
    fifth = (x**2 + y**2) ** 2
    return np.stack([x**i * y**j for i in range(4) for j in range(4 - i)] + [x * fifth, y * fifth], axis=1)
