"""The tables of an evaluation, apart from how they are shown: sums, parts, IoU of classes, differences."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..evaluate import Evaluation
from ..metrics import METRICS
from ..outputs import Output, Role

NO_VALUE = "–"
MIOU = "mIoU"
SUMS = tuple(metric.name for metric in METRICS)
PARTS = tuple(column for metric in METRICS for column in metric.columns[1:])
MEANINGS: Mapping[str, str] = {metric.name: metric.meaning for metric in METRICS} | {
    MIOU: "mean over the classes of intersection over union"
}
COMPARED = ("EN", "SD", "AG", "MI", "SCD", "VIF", "VIF_ir", "Qabf", "SSIM")
"""What differences are told of."""
COARSE = {"SD": 2, "SF": 2}
"""Decimals of the metrics that are tens of gray levels; the others have three."""


@dataclass(frozen=True)
class Cell:
    """One figure: as shown, and whether it is the best of its column."""

    text: str
    best: bool = False


@dataclass(frozen=True)
class Row:
    """The figures of one output."""

    output: str
    role: Role
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """One table: what it is called, what a reader has to know, and its figures."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(evaluation: Evaluation) -> list[Table]:
    """The tables that these outputs and labels allow, the most telling one first.

    With two subjects or more there is one of differences from the first, the shape of an ablation study.
    """
    means = {name: scores.means() for name, scores in evaluation.scores.items()}
    segmented = any(scores.confusion for scores in evaluation.scores.values())
    sums = (*SUMS, MIOU) if segmented else SUMS
    pairs = len(evaluation.folder)
    found = [
        _table(
            f"Means over {pairs} pairs",
            "More is taken for better. MI [nat], VIF and SSIM are sums over both sources. The best of those that "
            "fuse is marked: a copy of one source is there for comparison.",
            sums,
            evaluation.outputs,
            means,
        ),
        _table(
            "The sums by source",
            "How much of the infrared (ir) and of the visible (vis) is in the picture; "
            "copying one source wins its own columns.",
            PARTS,
            evaluation.outputs,
            means,
        ),
    ]
    subjects = [output for output in evaluation.outputs if output.role is Role.SUBJECT]
    if len(subjects) > 1:
        found.append(_differences((*COMPARED, MIOU) if segmented else COMPARED, subjects, means))
    if segmented:
        found.append(_classes(evaluation))
    return found


def figure(column: str, value: float) -> str:
    """A figure with the decimals of its column, or a dash where it is undefined.

    Example:
        >>> figure("VIF", 1.0426), figure("SD", 43.2), figure("SCD", float("nan"))
        ('1.043', '43.20', '–')
    """
    return NO_VALUE if math.isnan(value) else f"{value:.{COARSE.get(column, 3)}f}"


def _differences(
    columns: Sequence[str], subjects: list[Output], means: Mapping[str, Mapping[str, float]]
) -> Table:
    first = subjects[0].name

    def cell(column: str, name: str) -> Cell:
        value = means[name][column]
        if name == first or math.isnan(value):
            return Cell(figure(column, value))
        return Cell(f"{value - means[first][column]:+.{COARSE.get(column, 3)}f}")

    rows = [Row(s.name, s.role, tuple(cell(column, s.name) for column in columns)) for s in subjects]
    return Table(
        f"Differences from {first}", "First row: its means. Others: what they gain or lose.", (*columns,), (*rows,)
    )


def _classes(evaluation: Evaluation) -> Table:
    columns = (*evaluation.classes, MIOU)
    figures = {}
    for name, scores in evaluation.scores.items():
        if scores.confusion:
            ious = [*map(float, scores.confusion.iou()), scores.confusion.miou()]
            figures[name] = dict(zip(columns, ious, strict=True))
    return _table(
        "IoU by class",
        "Intersection over union of what was found and what is there, counted over all pairs.",
        columns,
        [output for output in evaluation.outputs if output.name in figures],
        figures,
    )


def _table(
    title: str,
    note: str,
    columns: Sequence[str],
    outputs: Sequence[Output],
    figures: Mapping[str, Mapping[str, float]],
) -> Table:
    best = {column: _best(column, outputs, figures) for column in columns}

    def cells(output: Output, is_best: Callable[[str, str], bool]) -> tuple[Cell, ...]:
        texts = [(column, figure(column, figures[output.name][column])) for column in columns]
        return tuple(Cell(text, output.role is not Role.COPY and is_best(column, text)) for column, text in texts)

    rows = [Row(o.name, o.role, cells(o, lambda column, text: text == best[column])) for o in outputs]
    return Table(title, note, (*columns,), (*rows,))


def _best(column: str, outputs: Sequence[Output], figures: Mapping[str, Mapping[str, float]]) -> str | None:
    """The best figure as it is shown, so that equal ones share the mark; None where all are equal."""
    values = [figures[output.name][column] for output in outputs if output.role is not Role.COPY]
    values = [value for value in values if not math.isnan(value)]
    if not values or figure(column, max(values)) == figure(column, min(values)):
        return None
    return figure(column, max(values))
