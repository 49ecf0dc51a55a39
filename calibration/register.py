"""A rig without a lens calibration: one homography, from points, features, a board or the pictures."""

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from irvis.errors import DataError
from irvis.geometry import Matrix, warp_points
from irvis.registration import Model, register

from .features import match_features
from .homography import RANSAC_PX, fit, leave_one_out_rms_px
from .pairs import PairFiles, gray, one_size, read_picture
from .views import Views

Progress: TypeAlias = Callable[[Sequence[PairFiles]], Iterable[PairFiles]]
"""Goes over pairs, and shows how far it is."""
Method: TypeAlias = Literal["images", "features", "points", "board"]

NEEDED: dict[Model, int] = {"shift": 1, "shift_scale": 2, "similarity": 2, "affine": 3, "homography": 4}
FEWEST_MATCHES = 12
DOUBTFUL_PX = 5.0
"""Of marked points, left out one by one: more is not the hand that marked them."""


@dataclass(frozen=True)
class Registered:
    """A homography and what is known of its quality.

    Attributes:
        vis_from_ir: (3, 3).
        visible_size: Width and height of the visible pictures [px].
        infrared_size: Of the infrared pictures.
        error_px: What `error_is` says, in visible pixels.
        error_is: In words.
        used: What it stands on: pairs, matches or points.
        doubt: What speaks against it; nothing where it looks sound.
    """

    vis_from_ir: Matrix
    visible_size: tuple[int, int]
    infrared_size: tuple[int, int]
    error_px: float
    error_is: str
    used: str
    doubt: str = ""


def from_images(pairs: Sequence[PairFiles], model: Model, progress: Progress = iter) -> Registered:
    """From the structure of all pairs: the median of what the pairs that are sure of themselves say.

    Raises:
        DataError: No pair is sure, or a camera's pictures differ in size.
    """
    visible_size, infrared_size = _sizes(pairs)
    sure = []
    for pair in progress(pairs):
        found = register(gray(read_picture(pair.visible)), gray(read_picture(pair.infrared)), model)
        if found.is_sure:
            sure.append(found)
    if not sure:
        raise DataError(
            f"none of {len(pairs)} pairs could be registered from its pictures: expected cameras that see about "
            "the same, within 5 % of the width, 3 degrees and 5 % of scale, and enough edges in both; mark points "
            "instead (--method points), or show a board (--method board)"
        )
    width, height = infrared_size
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float64)
    places = np.array([warp_points(found.vis_from_ir, corners) for found in sure])
    middle = np.median(places, axis=0)
    error_px = float(np.median(np.linalg.norm(places - middle, axis=2).mean(axis=1)))
    if len(sure) == 1:
        error_px = sure[0].spread_px
    error_is = (
        "median distance of one pair's corners from the median of all"
        if len(sure) > 1
        else ("distance of the corners between two halves of the picture")
    )
    matrix = fit(corners, middle, model, robust=False)
    doubt = ""
    if len(sure) == 1 < len(pairs):
        doubt = "one pair alone is sure of itself: take more pairs, with edges all over both pictures"
    used = f"{len(sure)} of {len(pairs)} pairs sure"
    return Registered(matrix, visible_size, infrared_size, error_px, error_is, used, doubt)


def from_features(pairs: Sequence[PairFiles], model: Model, progress: Progress = iter) -> Registered:
    """From SIFT features of the pictures' edges, matched both ways, all pairs together.

    Raises:
        DataError: Too few features match.
    """
    visible_size, infrared_size = _sizes(pairs)
    matched = [
        match_features(
            gray(read_picture(pair.visible)), gray(read_picture(pair.infrared)), infrared_size, visible_size
        )
        for pair in progress(pairs)
    ]
    vis, ir = np.concatenate([m[0] for m in matched]), np.concatenate([m[1] for m in matched])
    advice = "; cameras of two kinds share few features: use --method images, points or board"
    if len(vis) < FEWEST_MATCHES:
        raise DataError(
            f"{len(vis)} features match between the cameras, expected {FEWEST_MATCHES} or more{advice}"
        )
    matrix = fit(ir, vis, model, robust=True)
    off = np.linalg.norm(warp_points(matrix, ir) - vis, axis=1)
    good = off < RANSAC_PX
    if np.count_nonzero(good) < FEWEST_MATCHES:
        raise DataError(f"{np.count_nonzero(good)} of {len(off)} matches agree, expected {FEWEST_MATCHES}{advice}")
    error_px = float(np.sqrt((off[good] ** 2).mean()))
    return Registered(
        matrix,
        visible_size,
        infrared_size,
        error_px,
        "RMS of the matches that agree",
        f"{np.count_nonzero(good)} of {len(off)} matches",
    )


def from_points(
    path: Path, visible_size: tuple[int, int], infrared_size: tuple[int, int], model: Model
) -> Registered:
    """From points marked by hand: a CSV file of visible x, y and infrared x, y [px], with or without a heading.

    Raises:
        DataError: The file can't be used, or has too few points.
    """
    numbers = _marked(path)
    if len(numbers) < NEEDED[model] + 1:
        raise DataError(
            f"{path}: {len(numbers)} points; a {model} needs {NEEDED[model]} and one more to know its error"
        )
    vis, ir = numbers[:, :2], numbers[:, 2:]
    matrix = fit(ir, vis, model, robust=False)
    off_px = np.linalg.norm(warp_points(matrix, ir) - vis, axis=1)
    error_px = leave_one_out_rms_px([(ir[k : k + 1], vis[k : k + 1]) for k in range(len(vis))], model)
    used = f"{len(vis)} points, {np.sqrt((off_px**2).mean()):.2f} px RMS, {off_px.max():.2f} px at most"
    doubt = ""
    if error_px > DOUBTFUL_PX:
        doubt = (
            f"the points disagree or are too few: mark {2 * NEEDED[model]} or more, all over the picture, at "
            f"about one distance; number {int(off_px.argmax()) + 1} is off most"
        )
    return Registered(matrix, visible_size, infrared_size, error_px, "leave-one-out RMS", used, doubt)


def _marked(path: Path) -> Matrix:
    """(N, 4) visible x, y, infrared x, y [px] of a CSV file."""
    wanted = "expected lines of visible x, y, infrared x, y in pixels"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(number, row) for number, row in enumerate(csv.reader(file), 1) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise DataError(f"{path}: can't be read ({exc}); {wanted}") from exc
    if rows and not _is_number(rows[0][1][0]):
        rows = rows[1:]
    for number, row in rows:
        if len(row) != 4 or not all(map(_is_number, row)):
            raise DataError(f"{path}: line {number} is {','.join(row)!r}; {wanted}")
    return np.array([[float(cell) for cell in row] for _, row in rows], np.float64).reshape(-1, 4)


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def from_board(views: Views, model: Model) -> Registered:
    """From all sightings of a board: exact where the boards were.

    Raises:
        DataError: No pair shows the board to both cameras.
    """
    used = views.used()
    if not used:
        raise DataError("the board is in no pair seen by both cameras; check its numbers, or use --method points")
    shared = [view.both()[1:] for view in used]
    matrix = fit(
        np.concatenate([ir for _, ir in shared]), np.concatenate([vis for vis, _ in shared]), model, False
    )
    if len(used) > 1:
        error_px = leave_one_out_rms_px([(ir, vis) for vis, ir in shared], model)
        error_is = "leave-one-view-out RMS, which holds the parallax between the boards"
    else:
        off = warp_points(matrix, shared[0][1]) - shared[0][0]
        error_px, error_is = float(np.sqrt((off**2).sum(axis=1).mean())), "RMS of the points it was fitted to"
    return Registered(
        matrix, views.visible_size, views.infrared_size, error_px, error_is, f"{len(used)} views of the board"
    )


def _sizes(pairs: Sequence[PairFiles]) -> tuple[tuple[int, int], tuple[int, int]]:
    found = []
    for camera in ("visible", "infrared"):
        shapes = {pair.name: read_picture(getattr(pair, camera)).shape for pair in pairs}
        found.append(one_size({name: (shape[1], shape[0]) for name, shape in shapes.items()}, camera))
    return found[0], found[1]
