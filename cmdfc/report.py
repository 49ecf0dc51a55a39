"""Evaluation results as a terminal table, CSV and Markdown."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from .evaluate import Scores
from .metrics import COLUMNS

NO_VALUE = "-"


def means_table(scores: Mapping[str, Scores], pairs: int) -> Table:
    """One row per output, one column per metric, as means over the pairs."""
    table = Table(
        title=f"Means over {pairs} pairs", caption="MI in nat; VIF, MI and SSIM are sums of _ir and _vis"
    )
    table.add_column("output", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for name, score in scores.items():
        table.add_row(name, *(figure(value) for value in score.means().values()))
    return table


def segmentation_table(score: Scores, classes: Sequence[str]) -> Table:
    """Intersection over union of each class, and their mean."""
    table = Table(title="Segmentation")
    table.add_column("class")
    table.add_column("IoU", justify="right")
    if score.confusion is not None:
        for name, value in zip(classes, score.confusion.iou(), strict=True):
            table.add_row(name, figure(float(value)))
        table.add_row("mean", figure(score.confusion.miou()), style="bold")
    return table


def write(out: Path, scores: Mapping[str, Scores], classes: Sequence[str], heading: str) -> None:
    """Write `pairs.csv` (each pair's figures) and `report.md` (the means) into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["output", "pair", *COLUMNS])
        for output, score in scores.items():
            for pair, row in score.rows.items():
                writer.writerow([output, pair, *(f"{row[column]:.6f}" for column in COLUMNS)])
    (out / "report.md").write_text(markdown(scores, classes, heading), encoding="utf-8")


def markdown(scores: Mapping[str, Scores], classes: Sequence[str], heading: str) -> str:
    """The means, and IoU where there is any, as Markdown."""
    lines = [f"# {heading}", "", _row(["output", *COLUMNS]), _row(["-"] + ["-:"] * len(COLUMNS))]
    lines += [_row([name, *(figure(v) for v in score.means().values())]) for name, score in scores.items()]
    for name, score in scores.items():
        if score.confusion is not None:
            lines += [
                "",
                f"Segmentation by {name}:",
                "",
                _row([*classes, "mean"]),
                _row(["-:"] * (len(classes) + 1)),
            ]
            ious = [*map(float, score.confusion.iou()), score.confusion.miou()]
            lines.append(_row([figure(value) for value in ious]))
    return "\n".join(lines) + "\n"


def figure(value: float) -> str:
    """Three decimals, or a dash where the metric is undefined."""
    return NO_VALUE if math.isnan(value) else f"{value:.3f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
