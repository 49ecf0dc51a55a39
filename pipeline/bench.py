"""`irvis bench`: the engine alone, then the whole pipeline through real nodes, in turn, in one run."""

import statistics
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from irvis.config import parse_size
from irvis.engine import open_engine
from irvis.errors import ConfigError
from irvis.scene import SceneConfig
from irvis.settings import Capture, EngineSettings, PipelineConfig, Sync, SyntheticSource

from . import machine
from .measure import Rate, measure_engine, measure_pipeline, median_of
from .report import write_json

PRERENDERED = 10
LIVE_FPS = 25.0


def bench(
    *,
    artifact: str = "cmdfc-nano",
    engine: Literal["auto", "onnx", "openvino", "average"] = "auto",
    size: str = "640x480",
    seconds: float = 5.0,
    rounds: int = 3,
    json_: Annotated[Path | None, Parameter(name="--json")] = None,
) -> None:
    """Measure the engine alone and the whole pipeline, in turn, in one run.

    The pipeline is real nodes in processes of their own: capture (frames drawn beforehand), fusion, and a
    subscriber. It runs flat out over lossless links, where the latency counts the queues too, and at the end once
    live, at 25 frames per second over latest links. Rates are medians over the rounds.

    Args:
        artifact: A shipped artifact's name or a path; `irvis engines` lists them.
        engine: auto, onnx, openvino or average.
        size: Width and height of both cameras' frames [px].
        seconds: How long each measurement takes [s].
        rounds: How often engine and pipeline take turns.
        json_: Also write the result there, as JSON.
    """
    pixels = parse_size(size)
    if seconds <= 0 or rounds < 1:
        raise ConfigError(f"--seconds {seconds:g} --rounds {rounds}: expected more than 0 of each")
    loaded = open_engine(EngineSettings(artifact=artifact, kind=engine), pixels)
    chosen = EngineSettings.model_validate({"artifact": artifact, "kind": loaded.kind})
    alone: list[Rate] = []
    whole: list[Rate] = []
    with _progress() as progress:
        task = progress.add_task("", total=2 * rounds + 1)
        for turn in range(1, rounds + 1):
            progress.update(task, description=f"engine alone, round {turn}")
            alone.append(measure_engine(loaded, pixels, seconds))
            progress.update(task, advance=1, description=f"pipeline, round {turn}")
            whole.append(measure_pipeline(_system(chosen, pixels, live=False), seconds))
            progress.advance(task)
        progress.update(task, description=f"pipeline, live at {LIVE_FPS:g} fps")
        live = measure_pipeline(_system(chosen, pixels, live=True), seconds)
    ratio = round(statistics.median(w.fps / a.fps for w, a in zip(whole, alone, strict=True)), 3)
    result = {
        "size": list(pixels),
        "engine": {"fingerprint": loaded.fingerprint, "choice": loaded.choice},
        "ratio": ratio,
        "engine_alone": asdict(median_of(alone)),
        "pipeline_flat_out": asdict(median_of(whole)),
        "pipeline_live": asdict(live),
        "rounds": [{"engine": asdict(a), "pipeline": asdict(w)} for a, w in zip(alone, whole, strict=True)],
        "machine": machine.facts(),
    }
    console = Console()
    console.print(_table(median_of(alone), median_of(whole), live))
    console.print(f"pipeline / engine at {size}: {ratio:.2f}", f"{loaded.fingerprint}: {loaded.choice}", sep="\n")
    if json_:
        write_json(json_, result, "--json")


def _system(engine: EngineSettings, size: tuple[int, int], *, live: bool) -> PipelineConfig:
    width, height = size
    scene = SceneConfig(width=width, height=height, ir_width=width, ir_height=height)
    source = SyntheticSource(scene=scene, fps=LIVE_FPS, prerender=PRERENDERED)
    return PipelineConfig(
        visible=source,
        infrared=source,
        capture=Capture(pace=1 if live else 0),
        sync=Sync(link="latest" if live else "lossless"),
        engine=engine,
    )


def _table(alone: Rate, whole: Rate, live: Rate) -> Table:
    table = Table("", "fps", "p50 ms", "p95 ms", "p99 ms", "paired", "dropped", box=None, pad_edge=False)
    for name, rate in (
        ("engine alone", alone),
        ("pipeline, flat out", whole),
        (f"pipeline, {LIVE_FPS:g} fps", live),
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
    return Progress(*columns, console=Console(stderr=True), transient=True)
