"""What came of measuring engines beside each other: as a table, Markdown, JSON and a bar chart."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from irvis.errors import EngineError

from . import bars
from .compare import Result

HEADINGS = ("artifact", "engine", "frames", "batch", "fps", "p50 ms", "p95 ms", "p99 ms", "MiB", "of the fastest")


def check_any(results: Sequence[Result]) -> None:
    """Raise if nothing ran.

    Raises:
        EngineError: No engine could run.
    """
    if not any(result.rate for result in results):
        raise EngineError(f"no engine could run: {'; '.join(refusals(results))}")


def refusals(results: Sequence[Result]) -> list[str]:
    """Why engines could not run, each reason once."""
    return list(dict.fromkeys(f"{r.engine}: {r.refusal}" for r in results if r.refusal))


def ratio(results: Sequence[Result], of: Result) -> float | None:
    """The rate of a result beside that of the fastest engine at its size and batch; None where it did not run."""
    if of.rate is None:
        return None
    return of.rate.fps / max(r.rate.fps for r in results if r.rate and (r.size, r.batch) == (of.size, of.batch))


def rows(results: Sequence[Result]) -> list[list[str]]:
    """The measured results as text, in the order of the headings."""
    return [
        [
            result.artifact,
            result.engine,
            f"{result.size[0]}x{result.size[1]}",
            str(result.batch),
            f"{result.rate.fps:.1f}",
            *(f"{result.rate.latency_ms[name]:.1f}" for name in ("p50", "p95", "p99")),
            f"{result.memory_bytes / 2**20:.0f}",
            f"{ratio(results, result):.2f}",
        ]
        for result in results
        if result.rate
    ]


def table(results: Sequence[Result]) -> Table:
    """For the terminal."""
    shown = Table(box=None, pad_edge=False)
    for place, heading in enumerate(HEADINGS):
        shown.add_column(heading, justify="left" if place < 3 else "right")
    for row in rows(results):
        shown.add_row(*map(escape, row))
    return shown


def markdown(results: Sequence[Result], machine: dict[str, object]) -> str:
    """A table with the machine below it, and what could not run."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|" + "---|" * 3 + "---:|" * (len(HEADINGS) - 3)]
    lines += [f"| {' | '.join(row)} |" for row in rows(results)]
    lines += [
        "",
        f"Measured on {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB.",
        "",
    ]
    lines += [f"- {reason}" for reason in refusals(results)]
    return "\n".join(lines).rstrip() + "\n"


def as_json(results: Sequence[Result]) -> list[dict[str, object]]:
    """Everything that was measured, and the ratio to the fastest."""
    return [asdict(result) | {"ratio": ratio(results, result)} for result in results]


def plot(path: Path, results: Sequence[Result], machine: dict[str, object]) -> None:
    """A bar for each result.

    Raises:
        ConfigError: The picture can't be written.
    """
    shown = [
        (f"{r.artifact}, {r.engine} {r.size[0]}x{r.size[1]} batch {r.batch}", r.rate.fps)
        for r in results
        if r.rate
    ]
    bars.write(path, f"frames per second on {machine['processor']}, {machine['cores']} cores", shown)
