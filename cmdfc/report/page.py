"""The page of the report: what the template needs, and the file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from irvis.colours import hex_of
from irvis.errors import DataError
from irvis.page import style

from ..evaluate import Evaluation
from ..metrics import COLUMNS
from ..outputs import Role
from .gallery import Scene
from .panels import ERRORS
from .plots import Strip, strip_plot
from .tables import MEANINGS, MIOU, figure, tables

FILE = "index.html"
HEADLINES = ("VIF", "VIF_ir", "Qabf", "MI", "SCD", "SSIM", MIOU)
"""What a reader wants to know first: what was kept, also of the infrared, which no copy can win."""
SOURCES = {"ir": "infrared", "vis": "visible"}


@dataclass(frozen=True)
class Headline:
    """One figure of the first subject beside the best of those that fuse and are not it."""

    column: str
    meaning: str
    value: str
    rival: str
    rival_value: str
    gain: str
    is_ahead: bool


@dataclass(frozen=True)
class Plot:
    """One metric, its meaning, and its drawing."""

    column: str
    meaning: str
    svg: Markup


def write(out: Path, evaluation: Evaluation, title: str, scenes: Sequence[Scene]) -> Path:
    """Write the page beside the pictures it shows.

    Returns:
        The page.

    Raises:
        DataError: It can't be written.
    """
    environment = Environment(
        loader=PackageLoader("cmdfc.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("page.html").render(
        style=Markup(style()),
        title=title,
        outputs=evaluation.outputs,
        headlines=headlines(evaluation),
        tables=tables(evaluation),
        meanings={column: meaning(column) for column in (*COLUMNS, MIOU)},
        first_plots=[_plot(evaluation, column) for column in HEADLINES if column in COLUMNS],
        other_plots=[_plot(evaluation, column) for column in COLUMNS if column not in HEADLINES],
        scenes=scenes,
        judged=bool(evaluation.classes and evaluation.outputs[0].classes),
        errors=[(name, hex_of(colour)) for name, colour in ERRORS],
        figures=lambda pair: _figures(evaluation, pair),
    )
    path = out / FILE
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise DataError(f"{path}: can't be written ({exc})") from exc
    return path


def headlines(evaluation: Evaluation) -> list[Headline]:
    """The first subject's figures beside the best that anything else which fuses reaches."""
    means = {name: scores.means() for name, scores in evaluation.scores.items()}
    first = evaluation.outputs[0].name
    rivals = [output.name for output in evaluation.outputs[1:] if output.role is not Role.COPY]
    found = []
    for column in HEADLINES:
        value = means[first][column]
        if math.isnan(value):
            continue
        known = [name for name in rivals if not math.isnan(means[name][column])]
        rival = max(known, key=lambda name: means[name][column], default="")
        best = means[rival][column] if rival else math.nan
        found.append(
            Headline(
                column=column,
                meaning=meaning(column),
                value=figure(column, value),
                rival=rival,
                rival_value=figure(column, best),
                gain=f"{value - best:+.3f}",
                is_ahead=value > best,
            )
        )
    return found


def meaning(column: str) -> str:
    """What a column says, in words.

    Example:
        >>> meaning("VIF_ir")
        'information of the sources kept, infrared only'
    """
    metric, _, source = column.partition("_")
    return f"{MEANINGS[metric]}, {SOURCES[source]} only" if source else MEANINGS[metric]


def _plot(evaluation: Evaluation, column: str) -> Plot:
    strips = [
        Strip(o.name, o.role, {pair: row[column] for pair, row in evaluation.scores[o.name].rows.items()})
        for o in evaluation.outputs
    ]
    return Plot(column, meaning(column), Markup(strip_plot(column, strips)))


def _figures(evaluation: Evaluation, pair: str) -> list[tuple[str, str]]:
    """The first subject's headline figures of one pair."""
    row = evaluation.scores[evaluation.outputs[0].name].rows[pair]
    return [(column, figure(column, row[column])) for column in HEADLINES if column in row]
