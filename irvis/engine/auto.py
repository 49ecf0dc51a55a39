"""`auto`: opens what can run here, times each candidate on frames of the real size, and takes the fastest.

Precisions are candidates too: a processor may have bf16 and be slower in it than in fp32.
"""

import statistics
import time
from typing import NamedTuple

import numpy as np

from ..errors import EngineError
from ..settings import EngineSettings
from .artifact import is_checkpoint, open_artifact
from .base import Engine
from .cuda import capability
from .table import engine_class, precisions_of

CANDIDATES = {
    "onnx": ("tensorrt", "openvino", "onnx"),
    "openvino": ("openvino",),
    "tensorrt": ("tensorrt",),
    "torch_tensorrt": ("torch",),
    "checkpoint": ("torch",),
}
"""Kind of artifact -> the engines that may run it, those of a GPU first."""
WARM_UP_FRAMES = 2
TIMED_FRAMES = 5
BUDGET_S = 2.0


class Trial(NamedTuple):
    """One candidate and how long a frame took [ms], median."""

    engine: Engine
    frame_ms: float


def choose(settings: EngineSettings, size: tuple[int, int], count: int = 1) -> Engine:
    """The fastest engine for so many frames of a size (width, height) [px] at once; its `choice` says why.

    Raises:
        ConfigError: No artifact has this name.
        EngineError: The artifact is wrong, or no engine can run it.
    """
    opened, refusals = open_candidates(settings, size, count)
    trials = time_engines(opened, size, refusals, count) if len(opened) > 1 else [Trial(e, 0.0) for e in opened]
    if not trials:
        raise EngineError(f"artifact {settings.artifact}: no engine can run it here; {'; '.join(refusals)}")
    best = min(trials, key=lambda trial: trial.frame_ms)
    best.engine.choice = _explain(best, trials, size, refusals)
    return best.engine


def open_candidates(
    settings: EngineSettings, size: tuple[int, int], count: int = 1
) -> tuple[list[Engine], list[str]]:
    """The engines that can run an artifact here, and a line for each that can't; see `choose`."""
    name = settings.artifact
    format_, arithmetic = "checkpoint", ""
    if not is_checkpoint(name):
        manifest = open_artifact(name).manifest
        format_, arithmetic = manifest.kind, manifest.arithmetic
    opened: list[Engine] = []
    refusals: list[str] = []
    for kind in CANDIDATES[format_] if settings.kind == "auto" else (settings.kind,):
        is_open = settings.precision == "auto" and arithmetic != "int8"
        try:
            if (format_, kind) == ("onnx", "tensorrt"):
                capability()  # or the reason would be that it is not compiled, which helps nobody without a GPU
            for precision in precisions_of(kind) if is_open else (settings.precision,):
                asked = settings.model_copy(update={"kind": kind, "precision": precision})
                opened.append(engine_class(kind)(asked, size, count))
        except EngineError as exc:
            if settings.kind != "auto":
                raise
            refusals.append(f"{kind}: {exc}")
    return opened, refusals


def time_engines(engines: list[Engine], size: tuple[int, int], refusals: list[str], count: int = 1) -> list[Trial]:
    """Time engines in turn, so that whatever else the machine does meets all of them alike.

    Args:
        engines: Opened ones.
        size: Width and height [px].
        refusals: Takes a line for each engine that fails at its first frames.
        count: Frames at once.
    """
    width, height = size
    noise = np.random.default_rng(0)
    visible = noise.integers(0, 256, (count, height, width, 3), np.uint8)
    infrared = noise.integers(0, 256, (count, height, width), np.uint8)
    deadline_s = time.monotonic() + BUDGET_S
    times_ms: dict[int, list[float]] = {place: [] for place in range(len(engines))}
    for frame in range(WARM_UP_FRAMES + TIMED_FRAMES):
        if frame and time.monotonic() > deadline_s:
            break
        for place in list(times_ms):
            start_s = time.perf_counter()
            try:
                engines[place].fuse_batch(visible, infrared)
            except EngineError as exc:
                refusals.append(f"{_named(engines[place])}: {exc}")
                del times_ms[place]
            else:
                times_ms[place].append((time.perf_counter() - start_s) * 1000)
    return [
        Trial(engines[place], statistics.median(taken_ms[WARM_UP_FRAMES:] or taken_ms[-1:]))
        for place, taken_ms in times_ms.items()
    ]


def _explain(best: Trial, trials: list[Trial], size: tuple[int, int], refusals: list[str]) -> str:
    name = _named(best.engine)
    if len(trials) == 1 and refusals:
        return f"{name} is the only engine that can run here ({'; '.join(refusals)})"
    if len(trials) == 1:
        return f"{name}: the artifact and the settings leave no other"
    others = ", ".join(f"{_named(t.engine)} {t.frame_ms:.1f} ms" for t in trials if t is not best)
    reason = f"{name} took {best.frame_ms:.1f} ms a frame at {size[0]}x{size[1]}, the fastest here ({others})"
    return f"{reason}; {'; '.join(refusals)}" if refusals else reason


def _named(engine: Engine) -> str:
    return f"{engine.kind} in {engine.precision}"
