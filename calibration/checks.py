"""What is wrong with the pictures of a board, said before anything is solved from them."""

from pathlib import Path

import cv2
import numpy as np

from irvis.errors import DataError
from irvis.frame import Modality

from .boards.detect import Detector
from .pairs import read_picture
from .swapped import check_swapped
from .views import View, Views

FEWEST = 5
"""Views from which on lenses can be solved for; more are better."""
TURNED_SHARE = 0.5
TRIED = 3
"""Pictures at most that are flipped."""
ALONE = "a homography can be had from fewer: `irvis calibrate register --method board`"


def check_seen(views: Views, fewest: int = FEWEST) -> None:
    """Refuse views from which nothing can be solved.

    Raises:
        DataError: The board is not seen, or by one camera only, or in too few pairs; the folders are swapped;
            pictures are mirrored, or belong to other pairs.
    """
    total = len(views.views)
    vis, ir = ([view for view in views.views if getattr(view, modality)] for modality in Modality)
    board = f"{views.target.kind} {views.target.columns}x{views.target.rows}"
    for modality, seen in ((Modality.VISIBLE, vis), (Modality.INFRARED, ir)):
        if not seen:
            raise DataError(_unseen(views, modality, board))
    check_swapped(views)
    both = views.used()
    if len(both) < fewest:
        for modality, seen in ((Modality.VISIBLE, vis), (Modality.INFRARED, ir)):
            unseen = [view for view in views.views if view not in seen]
            if len(seen) < len(unseen) and (mirrored := _mirrored(views, modality, board, unseen[:TRIED])):
                raise DataError(mirrored)
        raise DataError(
            f"both cameras see the {board} board in {len(both)} of {total} pairs (visible {len(vis)}, infrared "
            f"{len(ir)}); expected {fewest} or more, 15 are good: take more, with the board tilted and all over "
            f"the picture; {ALONE}"
        )
    _check_motion(both)


def _check_motion(views: list[View]) -> None:
    """The board moves the same way through both cameras' pictures, unless something is wrong with them."""
    shared = [view.both() for view in views]
    vis = np.array([there.mean(axis=0) for _, there, _ in shared])
    ir = np.array([there.mean(axis=0) for _, _, there in shared])
    for axis, way in ((0, "left to right"), (1, "top to bottom")):
        if np.ptp(vis[:, axis]) < 20 or np.ptp(ir[:, axis]) < 5:
            continue
        agreement = float(np.corrcoef(vis[:, axis], ir[:, axis])[0, 1])
        if agreement < -TURNED_SHARE:
            raise DataError(
                f"the board moves {way} in one camera where it moves the other way in the other: one camera's "
                "pictures are mirrored or upside down; flip them, or set the camera so"
            )
        if agreement < TURNED_SHARE:
            raise DataError(
                f"the board's places in the two cameras have little to do with each other ({way}: correlation "
                f"{agreement:.2f}): the pictures belong to other pairs; check the names"
            )


def _unseen(views: Views, modality: Modality, board: str) -> str:
    if mirrored := _mirrored(views, modality, board, views.views[:1]):
        return mirrored
    wrong = "the number of columns and rows (inner corners of a chessboard), the dictionary"
    warm = "; to infrared a board shows only where it is warmer, or radiates more, than what is around it"
    return (
        f"the {board} board is in none of the {len(views.views)} {modality} pictures; check {wrong}, and that it "
        f"is sharp and whole{warm if modality is Modality.INFRARED else ''}"
    )


def _mirrored(views: Views, modality: Modality, board: str, unseen: list[View]) -> str:
    """What to say where a board that is not seen in pictures is seen in most of them once they are flipped."""
    detector = Detector(views.target)
    pictures = [read_picture(Path(getattr(view, f"{modality}_path"))) for view in unseen]
    flipped = [np.ascontiguousarray(cv2.flip(each, 1)).astype(np.uint8, copy=False) for each in pictures]
    if sum(detector.find(each, modality) is not None for each in flipped) <= len(flipped) / 2:
        return ""
    return (
        f"the {modality} pictures are mirrored: the {board} board is seen only when they are flipped; flip them, "
        "or set the camera so"
    )
