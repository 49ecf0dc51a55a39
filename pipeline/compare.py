"""Every engine that runs here beside the others: rate, latencies, memory, and the ratio to the fastest."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import psutil
from rich.table import Table

from irvis.engine import ENGINES, open_engine
from irvis.engine.artifact import is_checkpoint
from irvis.errors import ConfigError, EngineError, IrvisError
from irvis.settings import EngineSettings

from .measure import Rate, measure_engine

KINDS = tuple(kind for kind in ENGINES if kind != "average")
PRECISIONS = {"openvino": ("fp32", "auto")}
"""Kinds that are measured in more than their own precision; `auto` shows where it differs."""
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One measurement to make."""

    artifact: str
    kind: str
    precision: str
    size: Size
    batch: int


@dataclass(frozen=True, slots=True)
class Result:
    """One measurement.

    Attributes:
        artifact: What ran.
        engine: Its runtime, device and precision; the kind where it can't run.
        size: Width and height [px].
        batch: Frames in one call.
        rate: Frames per second and the latencies of a call; None where it can't run.
        memory_bytes: By how much the process grew from before it was opened.
        refusal: Why it can't run.
    """

    artifact: str
    engine: str
    size: Size
    batch: int
    rate: Rate | None = None
    memory_bytes: int = 0
    refusal: str = ""


def cases(
    artifacts: Sequence[str], kinds: Sequence[str], sizes: Sequence[Size], batches: Sequence[int]
) -> list[Case]:
    """Every combination, checkpoints with torch alone; an engine in two precisions is there twice.

    Raises:
        ConfigError: There is no such engine.
    """
    chosen = KINDS if "all" in kinds else tuple(kinds)
    unknown = [kind for kind in chosen if kind not in ENGINES]
    if unknown:
        raise ConfigError(f"--engines {unknown[0]}: expected all, or some of {', '.join(ENGINES)}")
    return [
        Case(artifact, kind, precision, size, batch)
        for size, batch, artifact, kind in product(sizes, batches, artifacts, chosen)
        if kind == "torch" or not is_checkpoint(artifact)
        for precision in PRECISIONS.get(kind, ("auto",))
    ]


def run(todo: Sequence[Case], seconds: float, each: Callable[[Case], None]) -> Iterator[Result]:
    """Measure one case after another, each in a process of its own, so that its memory is its own.

    What can't run once is not tried again at another size.

    Args:
        todo: Of `cases`.
        seconds: How long each [s].
        each: Told before each.
    """
    seen: set[tuple[object, ...]] = set()
    refused: set[tuple[str, str]] = set()
    for case in todo:
        if (case.artifact, case.kind) in refused:
            continue
        each(case)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as process:
            try:
                result = process.submit(_measure, case, seconds).result()
            except BrokenProcessPool:
                result = Result(case.artifact, case.kind, case.size, case.batch, refusal="its process died")
        if result.refusal:
            refused.add((case.artifact, case.kind))
        same = (result.artifact, result.engine, result.size, result.batch)
        if same not in seen:  # `auto` is fp32 where there is nothing faster
            yield result
        seen.add(same)


def _measure(case: Case, seconds: float) -> Result:
    settings = EngineSettings.model_validate(
        {"artifact": case.artifact, "kind": case.kind, "precision": case.precision, "rebuild": True}
    )
    before = psutil.Process().memory_info().rss
    try:
        engine = open_engine(settings, case.size)
        rate = measure_engine(engine, case.size, seconds, case.batch)
    except (IrvisError, ImportError) as exc:
        return Result(case.artifact, case.kind, case.size, case.batch, refusal=str(exc))
    grown = psutil.Process().memory_info().rss - before
    name = f"{engine.kind} {engine.precision}, {engine.runtime} {engine.device}"
    return Result(case.artifact, name, case.size, case.batch, rate, grown)


def fastest_fps(results: Sequence[Result], of: Result) -> float:
    """Rate of the fastest engine at the size and batch of a result."""
    return max(r.rate.fps for r in results if r.rate and (r.size, r.batch) == (of.size, of.batch))


def rows(results: Sequence[Result]) -> list[list[str]]:
    """The measured results as text: artifact, engine, frames, batch, fps, p50, p95, p99, memory, ratio."""
    lines = []
    for result in results:
        if result.rate:
            latencies = [f"{result.rate.latency_ms[name]:.1f}" for name in ("p50", "p95", "p99")]
            ratio = result.rate.fps / fastest_fps(results, result)
            name = Path(result.artifact).stem
            frames = f"{result.size[0]}x{result.size[1]}"
            memory = f"{result.memory_bytes / 2**20:.0f}"
            lines.append(
                [
                    name,
                    result.engine,
                    frames,
                    str(result.batch),
                    f"{result.rate.fps:.1f}",
                    *latencies,
                    memory,
                    f"{ratio:.2f}",
                ]
            )
    return lines


HEADINGS = ("artifact", "engine", "frames", "batch", "fps", "p50 ms", "p95 ms", "p99 ms", "MiB", "of the fastest")


def table(results: Sequence[Result]) -> Table:
    """For the terminal."""
    shown = Table(*HEADINGS, box=None, pad_edge=False)
    for row in rows(results):
        shown.add_row(*row)
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


def refusals(results: Sequence[Result]) -> list[str]:
    """Why engines could not run, each reason once."""
    return list(dict.fromkeys(f"{r.engine}: {r.refusal}" for r in results if r.refusal))


def as_json(results: Sequence[Result]) -> list[dict[str, object]]:
    """Everything that was measured."""
    return [asdict(result) for result in results]


def check_any(results: Sequence[Result]) -> None:
    """Raise if nothing ran.

    Raises:
        EngineError: No engine could run.
    """
    if not any(result.rate for result in results):
        raise EngineError(f"no engine could run: {'; '.join(refusals(results))}")
