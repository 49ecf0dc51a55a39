"""The report for programs and for documents: CSV of means and of pairs, and Markdown."""

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from irvis.errors import DataError

from ..evaluate import Evaluation
from ..metrics import COLUMNS
from .tables import MIOU, Table, tables

DIGITS = 6


def write(out: Path, evaluation: Evaluation, title: str) -> None:
    """Write `pairs.csv` (each pair's figures), `means.csv` and `report.md`.

    Raises:
        DataError: The folder can't be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write_csv(out / "pairs.csv", ["output", "pair", *COLUMNS], _pair_rows(evaluation))
        header = ["output", *COLUMNS, MIOU, *(f"IoU {name}" for name in evaluation.classes)]
        _write_csv(out / "means.csv", header, _mean_rows(evaluation))
        (out / "report.md").write_text(markdown(evaluation, title), encoding="utf-8")
    except OSError as exc:
        raise DataError(f"{out}: the report can't be written there ({exc}); choose another folder") from exc


def markdown(evaluation: Evaluation, title: str) -> str:
    """All tables, and where each output comes from."""
    parts = [f"# {title}", *(_markdown_table(table) for table in tables(evaluation)), "## Outputs"]
    parts.append("\n".join(f"- **{output.name}**: {output.origin}" for output in evaluation.outputs))
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    lines = [f"## {table.title}", "", table.note, "", _line(["output", *table.columns])]
    lines.append(_line(["-", *("-:" for _ in table.columns)]))
    for row in table.rows:
        figures = [f"**{cell.text}**" if cell.best else cell.text for cell in row.cells]
        lines.append(_line([row.output.replace("|", "\\|"), *figures]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _pair_rows(evaluation: Evaluation) -> Iterable[list[str]]:
    for output, scores in evaluation.scores.items():
        for pair, row in scores.rows.items():
            yield [output, pair, *(_number(row[column]) for column in COLUMNS)]


def _mean_rows(evaluation: Evaluation) -> Iterable[list[str]]:
    for output, scores in evaluation.scores.items():
        ious = (
            list(map(float, scores.confusion.iou())) if scores.confusion else [math.nan] * len(evaluation.classes)
        )
        means = scores.means()
        yield [output, *(_number(value) for value in (*(means[c] for c in (*COLUMNS, MIOU)), *ious))]


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.{DIGITS}f}"


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
