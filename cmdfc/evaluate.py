"""Metrics of an engine's pictures over a folder of pairs, beside the same metrics of trivial outputs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from irvis.engine import Engine
from irvis.errors import DataError
from irvis.frame import Pixels

from .data.pairs import PairFolder
from .metrics import COLUMNS, TRIVIAL, ConfusionMatrix, evaluate_pair, gray_from_bgr

Fuse = Callable[[Pixels, Pixels], tuple[Pixels, Pixels | None]]
"""Infrared (H, W) and visible (H, W, 3) to a picture and, where there are any, labels."""


@dataclass
class Scores:
    """What one way of fusing scored.

    Attributes:
        rows: Figures of each pair by metric, by the pair's name.
        confusion: Labels against the truth; None where nothing was segmented or there is no truth.
    """

    rows: dict[str, dict[str, float]] = field(default_factory=dict)
    confusion: ConfusionMatrix | None = None

    def means(self) -> dict[str, float]:
        """Mean of each metric over the pairs; NaN where it is undefined on one of them."""
        return {column: float(np.mean([row[column] for row in self.rows.values()])) for column in COLUMNS}


def evaluate(folder: PairFolder, engine: Engine, trivial: bool = True) -> Iterator[tuple[str, dict[str, Scores]]]:
    """Score an engine, and the trivial outputs beside it, pair by pair.

    Args:
        folder: Pairs that the network never saw.
        engine: What is evaluated.
        trivial: Also score copy visible, copy infrared, mean and pixel max.

    Yields:
        The pair's name and all scores so far, by the output's name.

    Raises:
        DataError: A file can't be used.
        EngineError: The engine failed.
    """
    subjects: dict[str, Fuse] = {engine.manifest.name: lambda infrared, visible: engine.fuse(visible, infrared)}
    if trivial:
        subjects |= {name: _unlabelled(function) for name, function in TRIVIAL.items()}
    scores = {name: Scores() for name in subjects}
    segments = folder.has_labels and len(engine.manifest.classes) > 1
    if segments:
        scores[engine.manifest.name].confusion = ConfusionMatrix(len(engine.manifest.classes))
    for index in range(len(folder)):
        pair = folder[index]
        visible_gray = gray_from_bgr(pair.visible)
        for name, fuse in subjects.items():
            fused, labels = fuse(pair.infrared, pair.visible)
            scores[name].rows[pair.name] = evaluate_pair(gray_from_bgr(fused), pair.infrared, visible_gray)
            confusion = scores[name].confusion
            if confusion is not None and labels is not None and pair.labels is not None:
                _check_classes(pair.labels, engine.manifest.classes, pair.name)
                confusion.add(labels, pair.labels)
        yield pair.name, scores


def _unlabelled(function: Callable[[Pixels, Pixels], Pixels]) -> Fuse:
    return lambda infrared, visible: (function(infrared, visible), None)


def _check_classes(labels: Pixels, classes: Sequence[str], name: str) -> None:
    known = labels[labels != 255]
    if known.size and known.max() >= len(classes):
        raise DataError(f"{name}: label id {known.max()}; expected ids below {len(classes)} (or 255, ignored)")
