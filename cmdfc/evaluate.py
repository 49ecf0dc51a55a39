"""Every metric of every output on every pair of a folder."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import cv2

from irvis.errors import DataError
from irvis.frame import Pixels

from .data.pairs import Pair, PairFolder
from .metrics import ConfusionMatrix, evaluate_pair, gray_from_bgr, mean_over_pairs
from .outputs import Output

IGNORED = 255
"""True label of pixels that nobody is judged by."""

Figures = dict[str, float]


@dataclass
class Scores:
    """What one output scored.

    Attributes:
        rows: Figures of each pair by metric, by the pair's name.
        confusion: Labels against the truth over all pairs; None where there is one and not the other.
    """

    rows: dict[str, Figures] = field(default_factory=dict)
    confusion: ConfusionMatrix | None = None

    def means(self) -> Figures:
        """Mean of each metric over the pairs (NaN where it is undefined on one of them), and mIoU."""
        miou = self.confusion.miou() if self.confusion else math.nan
        return mean_over_pairs(self.rows.values()) | {"mIoU": miou}


class Evaluation:
    """Scores of several outputs over the same pairs.

    Args:
        folder: Pairs that no network was trained on.
        outputs: What is scored, each under a name of its own; tables keep their order.

    Attributes:
        scores: By the output's name; filled by `run`.
        brightness: Mean gray level of each visible picture, by the pair's name; filled by `run`.
        classes: Names of the label ids; empty where nothing can be judged by labels.

    Raises:
        DataError: Two outputs have one name, or segment into different classes.
    """

    def __init__(self, folder: PairFolder, outputs: Sequence[Output]) -> None:
        self.folder = folder
        self.outputs = tuple(outputs)
        names = [output.name for output in outputs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise DataError(f"two outputs are called {twice}; tell them apart with NAME=PATH")
        self.classes = _common_classes(outputs) if folder.has_labels else ()
        self.scores = {output.name: Scores() for output in outputs}
        self.brightness: dict[str, float] = {}
        for output in outputs:
            if output.classes and self.classes:
                self.scores[output.name].confusion = ConfusionMatrix(len(self.classes), ignore=IGNORED)

    def run(self, jobs: int = 1) -> Iterator[str]:
        """Score pair by pair.

        Pictures are made one after the other; their metrics are taken in threads meanwhile, which numpy and OpenCV
        let run side by side.

        Args:
            jobs: Threads that take metrics.

        Yields:
            The name of each pair when it has been scored, in order.

        Raises:
            DataError: A file can't be used.
            EngineError: An engine failed.
        """
        before = cv2.getNumThreads()
        cv2.setNumThreads(1)  # one core per metric: OpenCV's own threads would compete with ours
        waiting: deque[tuple[str, dict[str, Future[Figures]]]] = deque()
        try:
            with ThreadPoolExecutor(jobs) as pool:
                for index in range(len(self.folder)):
                    waiting.append(self._start(self.folder[index], pool))
                    if len(waiting) > jobs:  # enough to keep all threads busy, whatever the number of pairs
                        yield self._finish(*waiting.popleft())
                while waiting:
                    yield self._finish(*waiting.popleft())
        finally:
            cv2.setNumThreads(before)

    def _start(self, pair: Pair, pool: ThreadPoolExecutor) -> tuple[str, dict[str, Future[Figures]]]:
        visible_gray = gray_from_bgr(pair.visible)
        self.brightness[pair.name] = float(visible_gray.mean())
        figures = {}
        for output in self.outputs:
            fused, labels = output.fuse(pair)
            figures[output.name] = pool.submit(evaluate_pair, gray_from_bgr(fused), pair.infrared, visible_gray)
            confusion = self.scores[output.name].confusion
            if confusion is not None and labels is not None and pair.labels is not None:
                _check_labels(pair.labels, self.classes, pair.name)
                confusion.add(labels, pair.labels)
        return pair.name, figures

    def _finish(self, name: str, figures: dict[str, Future[Figures]]) -> str:
        for output, future in figures.items():
            try:
                self.scores[output].rows[name] = future.result()
            except ValueError as exc:
                raise DataError(f"{name}: {output} can't be measured: {exc}") from exc
        return name


def _common_classes(outputs: Sequence[Output]) -> tuple[str, ...]:
    segmenting = [output for output in outputs if output.classes]
    for output in segmenting:
        if output.classes != segmenting[0].classes:
            raise DataError(
                f"{output.name} segments into {', '.join(output.classes)}, but {segmenting[0].name} into "
                f"{', '.join(segmenting[0].classes)}; evaluate them one by one"
            )
    return segmenting[0].classes if segmenting else ()


def _check_labels(labels: Pixels, classes: Sequence[str], name: str) -> None:
    known = labels[labels != IGNORED]
    if known.size and known.max() >= len(classes):
        raise DataError(
            f"{name}: label id {known.max()}; expected ids below {len(classes)}, or {IGNORED} (ignored)"
        )
