"""The pictures of the report: fused once more for the pairs that are shown, drawn, cut and saved."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from irvis.errors import DataError
from irvis.frame import Pixels

from ..data.pairs import Pair
from ..evaluate import Evaluation
from ..metrics import TRIVIAL
from ..outputs import Role
from .choice import Choice, choose_pairs
from .details import Region, find_regions
from .panels import FULL_HEAT, heat, overlay, wrong_labels

FOLDER = "pictures"
QUALITY = 92
"""Of whole pictures in WebP; details are kept to the last bit."""
ZOOM = 2
REFERENCE = "pixel max"
"""What a network has to be worth more than: shown beside it in every detail."""


@dataclass(frozen=True)
class Image:
    """A saved picture: its file as seen from the page, what it shows, and its size as shown [px]."""

    file: str
    caption: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Detail:
    """A region in every picture, enlarged."""

    region: Region
    images: tuple[Image, ...]


@dataclass(frozen=True)
class Scene:
    """One pair as it is shown.

    Attributes:
        choice: Which pair, and why.
        size: Width and height of its pictures [px].
        panels: Infrared, visible, fused by each subject, and what was drawn of the first one.
        wipe: The visible and the first subject's picture, to be laid over each other.
        details: What is worth a closer look.
        others: Whole pictures of the other outputs.
    """

    choice: Choice
    size: tuple[int, int]
    panels: tuple[Image, ...]
    wipe: tuple[Image, Image]
    details: tuple[Detail, ...]
    others: tuple[Image, ...]


class _Saver:
    """Saves the pictures of one scene under names of their own."""

    def __init__(self, out: Path, number: int, pair: str) -> None:
        self._out = out
        self._pair = pair
        self._prefix = f"{number:02d}-{_plain(pair)}"
        self._saved = 0

    def save(self, picture: Pixels, caption: str, detail: str = "") -> Image:
        """Save a whole picture, or a detail of one (which is then told in the alternative text)."""
        self._saved += 1
        suffix, options = (".png", []) if detail else (".webp", [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
        file = f"{FOLDER}/{self._prefix}-{self._saved:02d}-{_plain(caption)}{suffix}"
        _, data = cv2.imencode(suffix, picture, options)
        try:
            (self._out / FOLDER).mkdir(parents=True, exist_ok=True)
            (self._out / file).write_bytes(data.tobytes())
        except OSError as exc:
            raise DataError(f"{self._out / file}: can't be written ({exc})") from exc
        height, width = picture.shape[:2]
        zoom = ZOOM if detail else 1
        alt = f"{self._pair}, {caption}" + (f", {detail}" if detail else "")
        return Image(file, caption, alt, zoom * width, zoom * height)


def draw_gallery(out: Path, evaluation: Evaluation, count: int) -> list[Scene]:
    """Save the pictures of the pairs that are worth showing.

    Args:
        out: Gets a folder of pictures.
        evaluation: Finished.
        count: Pairs to show.

    Raises:
        DataError: A file can't be read or written.
        EngineError: An engine failed.
    """
    index = {name: i for i, name in enumerate(evaluation.folder.names)}
    return [
        _scene(choice, evaluation, evaluation.folder[index[choice.pair]], _Saver(out, number, choice.pair))
        for number, choice in enumerate(choose_pairs(evaluation, count), 1)
    ]


def _scene(choice: Choice, evaluation: Evaluation, pair: Pair, saver: _Saver) -> Scene:
    made = {output.name: output.fuse(pair) for output in evaluation.outputs}
    fused = {name: picture for name, (picture, _) in made.items()}
    first, labels = made[evaluation.outputs[0].name]
    reference = TRIVIAL[REFERENCE](pair.infrared, pair.visible)

    sources = {
        "infrared": cv2.cvtColor(pair.infrared, cv2.COLOR_GRAY2BGR).astype(np.uint8),
        "visible": pair.visible,
    }
    subjects = {o.name: fused[o.name] for o in evaluation.outputs if o.role is Role.SUBJECT}
    foreign = {o.name: fused[o.name] for o in evaluation.outputs if o.role is Role.OTHER}
    rest = {o.name: fused[o.name] for o in evaluation.outputs if o.role is Role.TRIVIAL}

    panels = [saver.save(picture, name) for name, picture in (sources | subjects).items()]
    visible, fused_first = panels[1], panels[2]
    panels += [saver.save(picture, name) for name, picture in _drawn(pair, first, labels, reference).items()]
    compared = {REFERENCE: reference} | subjects | foreign
    return Scene(
        choice=choice,
        size=(pair.visible.shape[1], pair.visible.shape[0]),
        panels=tuple(panels),
        wipe=(visible, fused_first),
        details=_details(sources | compared, list(compared.values()), pair.labels, saver),
        others=tuple(saver.save(picture, name) for name, picture in (foreign | rest).items()),
    )


def _drawn(pair: Pair, fused: Pixels, labels: Pixels | None, reference: Pixels) -> dict[str, Pixels]:
    """What is drawn of the first subject's picture: an overlay if there are labels of any kind, and an error."""
    drawn = {}
    if labels is not None:
        drawn["overlay"] = overlay(fused, labels)
    elif pair.labels is not None:
        drawn["overlay of the true labels"] = overlay(fused, pair.labels)
    if labels is not None and pair.labels is not None:
        drawn["error: wrong labels"] = wrong_labels(fused, labels, pair.labels)
    else:
        drawn[f"difference from {REFERENCE}, white at {FULL_HEAT} levels"] = heat(fused, reference)
    return drawn


def _details(
    shown: dict[str, Pixels], compared: Sequence[Pixels], labels: Pixels | None, saver: _Saver
) -> tuple[Detail, ...]:
    regions = find_regions(compared, labels)
    return tuple(
        Detail(region, tuple(saver.save(region.cut(p), name, region.reason) for name, p in shown.items()))
        for region in regions
    )


def _plain(text: str) -> str:
    """Text as it may stand in any file name and address."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()
