"""Every engine that runs here, measured one after the other: rate, latencies and memory."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import product

import psutil

from irvis.engine import ENGINES, open_engine, precisions_of
from irvis.engine.artifact import is_checkpoint
from irvis.errors import ConfigError, EngineError, EngineUnavailable, IrvisError
from irvis.settings import EngineSettings

from .measure import Rate, measure_engine

KINDS = tuple(kind for kind in ENGINES if kind != "average")
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
        artifact: The name of what ran; as it was given where it can't run.
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
    """Every combination, checkpoints with torch alone, OpenVINO in each precision of this processor.

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
        for precision in precisions_of(kind)
    ]


def run(todo: Sequence[Case], seconds: float, each: Callable[[Case], None]) -> Iterator[Result]:
    """Measure one case after another, each in a process of its own, so that its memory is its own.

    An engine that is not here is not tried again at another size.

    Args:
        todo: Of `cases`.
        seconds: How long each [s].
        each: Told before each.
    """
    seen: set[tuple[object, ...]] = set()
    absent: set[tuple[str, str]] = set()
    for case in todo:
        if (case.artifact, case.kind) in absent:
            continue
        each(case)
        result = Result(case.artifact, case.kind, case.size, case.batch, refusal="its process died")
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
            try:
                result = process.submit(_measure, case, seconds).result()
            except BrokenProcessPool:
                pass
            except (IrvisError, ImportError) as exc:
                result = replace(result, refusal=str(exc))
                if not isinstance(exc, EngineError) or isinstance(exc, EngineUnavailable):
                    absent.add((case.artifact, case.kind))
        same = (result.artifact, result.engine, result.size, result.batch)
        if same not in seen:  # an int8 artifact is int8 in whatever precision it is opened
            yield result
        seen.add(same)


def _measure(case: Case, seconds: float) -> Result:
    settings = EngineSettings.model_validate(
        {"artifact": case.artifact, "kind": case.kind, "precision": case.precision, "rebuild": True}
    )
    before = psutil.Process().memory_info().rss
    engine = open_engine(settings, case.size, case.batch)
    rate = measure_engine(engine, case.size, seconds, case.batch)
    grown = psutil.Process().memory_info().rss - before
    name = f"{engine.kind} {engine.precision}, {engine.runtime} {engine.device}"
    return Result(engine.manifest.name, name, case.size, case.batch, rate, grown)
