"""Views of a board by both cameras: found, held to be plausible, and kept beside the rig for the report."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from irvis.errors import DataError
from irvis.frame import Modality, Pixels
from irvis.geometry import Matrix

from .boards.detect import Detector, Sighting
from .boards.looks import has_colours
from .boards.surround import is_dark_around
from .boards.target import Target
from .pairs import PairFiles, gray, one_size, read_picture

SUFFIX = ".views.json"
VERSION = 1


class Seen(msgspec.Struct, frozen=True):
    """The board in one picture: N points, which they are, and how the picture was looked at."""

    points: list[tuple[float, float]]
    ids: list[int]
    look: str
    is_inverted: bool

    @classmethod
    def of(cls, sighting: Sighting, is_inverted: bool) -> "Seen":
        """A sighting in plain numbers."""
        points = [(float(x), float(y)) for x, y in sighting.points]
        return cls(points, [int(i) for i in sighting.ids], str(sighting.look), is_inverted)

    def places(self) -> Matrix:
        """(N, 2) x, y [px]."""
        return np.asarray(self.points, np.float64)


class View(msgspec.Struct):
    """One pair of pictures; `rejected` says why a view with both sightings was left out."""

    name: str
    visible_path: str
    infrared_path: str
    visible: Seen | None = None
    infrared: Seen | None = None
    rejected: str = ""

    def both(self) -> tuple[list[int], Matrix, Matrix]:
        """The points that both cameras see: their numbers, and where they are in the visible and the infrared."""
        if self.visible is None or self.infrared is None:
            return [], np.zeros((0, 2)), np.zeros((0, 2))
        vis = dict(zip(self.visible.ids, self.visible.points, strict=True))
        ir = dict(zip(self.infrared.ids, self.infrared.points, strict=True))
        ids = sorted(vis.keys() & ir.keys())
        return ids, np.array([vis[i] for i in ids]).reshape(-1, 2), np.array([ir[i] for i in ids]).reshape(-1, 2)


class Views(msgspec.Struct):
    """Everything that a calibration stood on."""

    target: Target
    visible_size: tuple[int, int]
    infrared_size: tuple[int, int]
    views: list[View]
    version: int = VERSION
    visible_has_colours: bool = False
    infrared_has_colours: bool = False

    def used(self) -> list[View]:
        """The views that both cameras see and that were not rejected."""
        return [view for view in self.views if view.visible and view.infrared and not view.rejected]


def find_views(pairs: Iterable[PairFiles], target: Target) -> Views:
    """Look for the board in all pairs.

    Raises:
        DataError: A picture can't be read, or a camera's pictures differ in size.
    """
    detector = Detector(target)
    views, sizes = [], {modality: dict[str, tuple[int, int]]() for modality in Modality}
    coloured = dict.fromkeys(Modality, 0)
    for pair in pairs:
        view = View(pair.name, str(pair.visible.resolve()), str(pair.infrared.resolve()))
        for modality, path in ((Modality.VISIBLE, pair.visible), (Modality.INFRARED, pair.infrared)):
            picture = read_picture(path)
            coloured[modality] += has_colours(picture)
            sizes[modality][path.name] = picture.shape[1], picture.shape[0]
            sighting = detector.find(picture, modality)
            if sighting and modality is Modality.VISIBLE:
                view.visible = Seen.of(sighting, _is_inverted(picture, sighting, target))
            elif sighting:
                if view.visible and sighting.is_counted:
                    sizes_px = sizes[Modality.VISIBLE][pair.visible.name], (picture.shape[1], picture.shape[0])
                    sighting = _same_way_up(sighting, view.visible, *sizes_px)
                view.infrared = Seen.of(sighting, _is_inverted(picture, sighting, target))
        views.append(view)
    visible, infrared = (one_size(sizes[modality], modality) for modality in Modality)
    colours = {f"{modality}_has_colours": seen > len(views) / 2 for modality, seen in coloured.items()}
    return Views(target, visible, infrared, views, **colours)


def _is_inverted(picture: Pixels, sighting: Sighting, target: Target) -> bool:
    """Whether black and white are exchanged; of a chessboard as it was looked at, where its edge does not tell."""
    if target.kind != "chessboard":
        return sighting.look.inverted
    around = is_dark_around(gray(picture), sighting.points, target)
    return sighting.look.inverted if around is None else around


def _same_way_up(sighting: Sighting, other: Seen, other_size: tuple[int, int], size: tuple[int, int]) -> Sighting:
    """Boards without markers look the same upside down: count from the end that the other camera began with.

    Args:
        sighting: Of the whole board, as the detector counted.
        other: What the other camera sees.
        other_size: Of its picture [px].
        size: Of the sighting's picture [px].
    """
    there = other.places() / other_size
    turned = sighting.points[::-1].copy()

    def apart(points: Matrix) -> float:
        here = points[other.ids] / size
        return float(np.abs(here - here.mean(axis=0) - there + there.mean(axis=0)).sum())

    return sighting if apart(sighting.points) <= apart(turned) else replace(sighting, points=turned)


def views_path(rig: Path) -> Path:
    """Where the views of a rig are kept: beside it."""
    return rig.with_suffix(SUFFIX)


def save_views(views: Views, rig: Path) -> None:
    """Write the views beside their rig.

    Raises:
        DataError: They can't be written.
    """
    try:
        views_path(rig).write_bytes(msgspec.json.format(msgspec.json.encode(views), indent=1))
    except OSError as exc:
        raise DataError(f"{views_path(rig)}: can't be written ({exc})") from exc


def load_views(rig: Path) -> Views | None:
    """The views that a rig was made from; None where there are none beside it.

    Raises:
        DataError: The file is no such record.
    """
    path = views_path(rig)
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Views)
    except (OSError, msgspec.DecodeError) as exc:
        raise DataError(f"{path}: not the views of a calibration ({exc}); solve again") from exc
