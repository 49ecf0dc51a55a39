"""`irvis bench`: the engine alone, then the whole pipeline through real nodes, in turn, in one run."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from irvis.config import parse_size
from irvis.console import console, progress
from irvis.engine import PRECISIONS, open_engine
from irvis.errors import ConfigError
from irvis.settings import EngineKind, EngineSettings

from ..accounting import machine
from ..accounting.report import write_json
from . import compare, comparison
from .measure import Rate, measure_engine, measure_pipeline, median_of, ratio_of
from .system import LIVE_FPS, system


def bench(
    *,
    artifact: str = "cmdfc-nano",
    engine: EngineKind = "auto",
    size: str = "640x480",
    seconds: float = 5.0,
    rounds: int = 3,
    engines: str | None = None,
    sizes: str = "640x480",
    batch: str = "1",
    json_: Annotated[Path | None, Parameter(name="--json")] = None,
    markdown: Path | None = None,
    plot: Path | None = None,
) -> None:
    """Measure the engine alone and the whole pipeline, in turn, in one run.

    The pipeline is real nodes in processes of their own: capture (frames drawn beforehand), fusion, and a
    subscriber. It runs flat out over lossless links, where the latency counts the queues too, and then live, at 25
    frames per second over latest links, with the overlay recorded. Both are measured when they are warm. Rates and
    latencies are medians over the rounds.

    With --engines, engines alone are compared instead, each in a process of its own.

    Args:
        artifact: A shipped artifact's name or a path; `irvis engines` lists them.
        engine: auto, onnx, openvino, tensorrt, torch or average.
        size: Width and height of both cameras' frames [px].
        seconds: How long each measurement takes [s].
        rounds: How often the engine and the two pipelines take turns.
        engines: Compare these engines: all, or kinds with commas between; --artifact may then be several too.
        sizes: At these sizes, with commas between.
        batch: With so many frames in one call, with commas between.
        json_: Also write the result there, as JSON.
        markdown: Also write the comparison there, as a table.
        plot: Also write the comparison there, as a picture (.png).
    """
    if engines is not None:
        _compare(artifact.split(","), engines.split(","), sizes, batch, seconds, (json_, markdown, plot))
        return
    pixels = parse_size(size)
    if seconds <= 0 or rounds < 1:
        raise ConfigError(f"--seconds {seconds:g} --rounds {rounds}: expected more than 0 of each")
    asked = EngineSettings(artifact=artifact, kind=engine)
    system(asked, pixels, None)  # a size that can't be drawn is refused before the engine is opened
    loaded = open_engine(asked, pixels)
    chosen = asked.model_copy(update={"kind": loaded.kind})
    if loaded.kind in PRECISIONS:  # or each system would try anew in which precision it is the fastest
        chosen = chosen.model_copy(update={"precision": loaded.precision})
    alone: list[Rate] = []
    whole: list[Rate] = []
    live: list[Rate] = []
    with _progress() as bar, tempfile.TemporaryDirectory() as folder:
        task = bar.add_task("", total=3 * rounds)
        for turn in range(1, rounds + 1):
            bar.update(task, description=f"engine alone, round {turn}")
            alone.append(measure_engine(loaded, pixels, seconds))
            bar.update(task, advance=1, description=f"pipeline, round {turn}")
            whole.append(measure_pipeline(system(chosen, pixels, None), seconds))
            bar.update(task, advance=1, description=f"pipeline, live at {LIVE_FPS:g} fps, round {turn}")
            live.append(measure_pipeline(system(chosen, pixels, Path(folder) / "overlay.mp4"), seconds))
            bar.advance(task)
    ratio = ratio_of(whole, alone)
    result = {
        "size": list(pixels),
        "engine": {"fingerprint": loaded.fingerprint, "choice": loaded.choice},
        "ratio": ratio,
        "engine_alone": asdict(median_of(alone)),
        "pipeline_flat_out": asdict(median_of(whole)),
        "pipeline_live": asdict(median_of(live)),
        "rounds": [
            {"engine": asdict(a), "pipeline": asdict(w), "live": asdict(v)}
            for a, w, v in zip(alone, whole, live, strict=True)
        ],
        "machine": machine.facts(),
    }
    shown_on = console()
    shown_on.print(_table(median_of(alone), median_of(whole), median_of(live)))
    shown_on.print(f"pipeline / engine at {size}: {ratio:.2f}", f"{loaded.fingerprint}: {loaded.choice}", sep="\n")
    if json_:
        write_json(json_, result, "--json")


def _compare(
    artifacts: list[str],
    kinds: list[str],
    sizes: str,
    batches: str,
    seconds: float,
    places: tuple[Path | None, Path | None, Path | None],
) -> None:
    counts = batches.split(",")
    if seconds <= 0 or not all(count.isdecimal() and int(count) for count in counts):
        raise ConfigError(f"--seconds {seconds:g} --batch {batches}: expected more than 0 of each, --batch as 1,4")
    todo = compare.cases(artifacts, kinds, [parse_size(s) for s in sizes.split(",")], [int(c) for c in counts])
    with _progress() as bar:
        task = bar.add_task("", total=len(todo))

        def show(case: compare.Case) -> None:
            done = f"{case.kind} {case.precision}, {case.size[0]}x{case.size[1]}, batch {case.batch}"
            bar.update(task, description=done, completed=todo.index(case))

        results = list(compare.run(todo, seconds, show))
    comparison.check_any(results)
    facts = machine.facts()
    json_, markdown, plot = places
    shown_on = console()
    shown_on.print(comparison.table(results))
    for reason in comparison.refusals(results):
        shown_on.print(f"not here: {reason}", markup=False, highlight=False)
    if json_:
        write_json(json_, {"results": comparison.as_json(results), "machine": facts}, "--json")
    if markdown:
        _write_text(markdown, comparison.markdown(results, facts))
    if plot:
        comparison.plot(plot, results, facts)


def _write_text(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"--markdown {path}: can't be written ({exc}); choose another place") from exc


def _table(alone: Rate, whole: Rate, live: Rate) -> Table:
    table = Table("", "fps", "p50 ms", "p95 ms", "p99 ms", "paired", "dropped", box=None, pad_edge=False)
    for name, rate in (
        ("engine alone", alone),
        ("pipeline, flat out", whole),
        (f"pipeline, {LIVE_FPS:g} fps, recorded", live),
    ):
        table.add_row(
            name,
            f"{rate.fps:.1f}",
            *(f"{rate.latency_ms[percentile]:.1f}" for percentile in ("p50", "p95", "p99")),
            "" if rate.pair_rate is None else f"{rate.pair_rate:.1%}",
            "" if rate.drop_rate is None else f"{rate.drop_rate:.1%}",
        )
    return table


def _progress() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    return progress(*columns)
