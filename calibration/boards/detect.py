"""Finding a board in one picture: each kind of board with OpenCV's detector for it, its points refined."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.frame import Modality, Pixels
from irvis.geometry import Matrix

from .edges import refine_quad
from .looks import Look, look, looks_at
from .refine import refined
from .target import MARKERS, Kind, Target
from .unread import is_inverted, unread_corners

ENOUGH = 8
"""Points below which a board counts as not seen."""


@dataclass(frozen=True)
class Sighting:
    """A board seen in a picture.

    Attributes:
        points: (N, 2) x, y [px] in the picture as it came, to a fraction of a pixel.
        ids: (N,) which of the target's points they are, ascending.
        look: How the picture was looked at.
        is_counted: Whether `ids` were counted from one end of the board, which may be the wrong one; markers
            say which they are.
    """

    points: Matrix
    ids: NDArray[np.intp]
    look: Look
    is_counted: bool = True


class Detector:
    """Finds a target; what worked for one picture is tried first for the next of the same camera.

    Args:
        target: What to find.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._all = len(target.points_m())
        self._worked: dict[Modality, list[Look]] = {modality: [] for modality in Modality}

    def find(self, picture: Pixels, modality: Modality, *, quick: bool = False) -> Sighting | None:
        """The sighting with the most points; None where no look shows the board.

        Args:
            picture: (H, W) or (H, W, 3) BGR uint8.
            modality: Which camera it is from.
            quick: Only the looks that have worked, or the first few, and points as they are found: for live
                pictures.
        """
        worked = self._worked[modality]
        if self._target.kind == "charuco" and (unread := _unread(picture, self._target)):
            return unread if quick else self._refined(picture, unread)
        every = list(looks_at(picture, modality))
        if self._target.kind == "chessboard":  # its detector sees both polarities
            every = [each for each in every if each.inverted == every[0].inverted]
        rest = [each for each in every if each not in worked]
        best: Sighting | None = None
        for how in [each for each in worked if each in every] + (rest[: 0 if worked else 4] if quick else rest):
            if best and how not in worked and self._target.kind not in MARKERS:
                break  # these boards are seen as a whole or not at all
            found = FINDERS[self._target.kind](self._target, look(picture, how))
            if found is None or len(found[0]) < ENOUGH:
                continue
            points, ids = found
            if best is None or len(points) > len(best.points):
                best = Sighting((points + 0.5) / how.scale - 0.5, ids, how, self._target.kind not in MARKERS)
            if len(best.points) == self._all:
                break
        if best and not quick and self._target.is_measured:
            best = self._refined(picture, best)
        if best:
            self._worked[modality] = [best.look, *(each for each in worked if each != best.look)][:3]
        return best

    def _refined(self, picture: Pixels, found: Sighting) -> Sighting:
        plain = look(picture, found.look._replace(contrast="plain", scale=1))
        laid = refined(plain, self._target, found.points, found.ids)
        if self._target.kind == "charuco" and found.is_counted:  # its markers are not alike from both ends
            turned = refined(plain, self._target, found.points[::-1].copy(), found.ids)
            laid = max(laid, turned, key=lambda each: float(each.alike.mean()))
        return replace(found, points=laid.points)


Found = tuple[Matrix, NDArray[np.intp]]


def _find_markers(target: Target, gray: Pixels) -> Found | None:
    corners, numbers, _ = cv2.aruco.ArucoDetector(target.markers()).detectMarkers(gray)
    if numbers is None:
        return None
    places, ids = [], []
    for quad, number in sorted(zip(corners, numbers.ravel(), strict=True), key=lambda each: int(each[1])):
        place = int(number) - target.first_id
        if 0 <= place < target.columns * target.rows:
            places.append(refine_quad(gray, np.asarray(quad, np.float64).reshape(4, 2)))
            ids.append(4 * place + np.arange(4))
    return (np.concatenate(places), np.concatenate(ids)) if places else None


def _find_charuco(target: Target, gray: Pixels) -> Found | None:
    board = cv2.aruco.CharucoBoard(
        (target.columns, target.rows), target.square_mm, target.marker_mm, target.markers()
    )
    corners, ids, _, _ = cv2.aruco.CharucoDetector(board).detectBoard(gray)
    if ids is None:
        return None
    order = np.argsort(ids.ravel())
    return np.asarray(corners, np.float64).reshape(-1, 2)[order], np.asarray(ids, np.intp).ravel()[order]


def _unread(picture: Pixels, target: Target) -> Sighting | None:
    gray = look(picture, Look("gray", False, "plain", 1))
    points = unread_corners(gray, target)
    if points is None:
        return None
    return Sighting(points, np.arange(len(points)), Look("gray", is_inverted(gray, points, target), "plain", 1))


def _find_chessboard(target: Target, gray: Pixels) -> Found | None:
    size = target.columns, target.rows
    found, corners = cv2.findChessboardCornersSB(gray, size, flags=cv2.CALIB_CB_NORMALIZE_IMAGE)
    return _whole(corners) if found else None


def _find_circles(target: Target, gray: Pixels) -> Found | None:
    kind = cv2.CALIB_CB_ASYMMETRIC_GRID if target.kind == "acircles" else cv2.CALIB_CB_SYMMETRIC_GRID
    settings = cv2.SimpleBlobDetector.Params()
    settings.minArea, settings.maxArea = 12, gray.size / 50
    settings.minDistBetweenBlobs = 4
    settings.minThreshold, settings.maxThreshold, settings.thresholdStep = 20, 235, 8
    found, centres = cv2.findCirclesGrid(
        gray,
        (target.columns, target.rows),
        flags=kind | cv2.CALIB_CB_CLUSTERING,
        blobDetector=cv2.SimpleBlobDetector.create(settings),
    )
    return _whole(centres) if found else None


def _whole(points: np.ndarray) -> Found:
    places = np.asarray(points, np.float64).reshape(-1, 2)
    return places, np.arange(len(places))


FINDERS: dict[Kind, Callable[[Target, Pixels], Found | None]] = {
    "aruco": _find_markers,
    "charuco": _find_charuco,
    "chessboard": _find_chessboard,
    "circles": _find_circles,
    "acircles": _find_circles,
}
