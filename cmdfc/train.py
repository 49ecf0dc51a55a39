"""The training loop: seeded, resumable to the step, logged as CSV."""

import csv
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from irvis.errors import DataError

from . import checkpoint
from .ema import Average
from .settings import Schedule
from .tasks import Task

CHECKPOINT_NAME = "checkpoint.pt"
LOG_NAME = "log.csv"
LOG_EVERY = 20
WARM_UP = 0.02
GRADIENT_LIMIT = 1.0


def train(task: Task, schedule: Schedule, out: Path, resume: bool = True) -> Path:
    """Train to the end of the schedule; returns the checkpoint's path.

    Args:
        task: What to train.
        schedule: How long and how fast.
        out: Folder of the checkpoint and the log.
        resume: Go on from the checkpoint in `out`, if there is one; the batches are those it would have seen.

    Raises:
        DataError: The checkpoint in `out` is damaged, or of another network.
    """
    network, path = task.network, out / CHECKPOINT_NAME
    optimiser = torch.optim.AdamW(network.parameters(), lr=schedule.rate, weight_decay=schedule.weight_decay)
    average, first = Average(network, schedule.average), 0
    if resume and path.exists():
        first = _restore(path, task, optimiser, average)
    network.train()
    with _log(out / LOG_NAME, first) as log, _progress(schedule.steps, first) as progress:
        for step in range(first, schedule.steps):
            for group in optimiser.param_groups:
                group["lr"] = schedule.rate * rate_factor(step, schedule.steps)
            losses = task.losses(step)
            total = torch.stack(list(losses.values())).sum()
            optimiser.zero_grad(set_to_none=True)
            total.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_LIMIT)
            optimiser.step()
            average.update(network, step)
            done = step + 1
            progress.update(done, float(total.detach()))
            if done % LOG_EVERY == 0 or done == schedule.steps:
                log.write(done, losses)
            if done % schedule.save_every == 0 or done == schedule.steps:
                checkpoint.save(path, _state(task, optimiser, average, done))
    return path


def rate_factor(step: int, steps: int) -> float:
    """Share of the highest learning rate at a step: a linear warm-up, then a cosine down to a hundredth.

    Example:
        >>> [round(rate_factor(step, 1000), 2) for step in (0, 19, 20, 999)]
        [0.05, 1.0, 1.0, 0.01]
    """
    warm = max(1, int(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2


def _state(task: Task, optimiser: torch.optim.Optimizer, average: Average, step: int) -> checkpoint.Checkpoint:
    return {
        "kind": task.kind,
        "network": task.description(),
        "weights": average.state,
        "training": {"step": step, "raw": task.network.state_dict(), "optimiser": optimiser.state_dict()},
    }


def _restore(path: Path, task: Task, optimiser: torch.optim.Optimizer, average: Average) -> int:
    state = checkpoint.load(path, task.kind)
    if state["network"] != task.description():
        raise DataError(f"{path}: holds another network; choose another --out, or --no-resume")
    task.network.load_state_dict(state["training"]["raw"])
    optimiser.load_state_dict(state["training"]["optimiser"])
    average.restore(state["weights"])
    return int(state["training"]["step"])


class _Log:
    """One CSV row now and then; columns are named by the first."""

    def __init__(self, file: TextIO, header: bool) -> None:
        self._file = file
        self._writer = csv.writer(file)
        self._header = header
        self._start_s = time.monotonic()

    def write(self, step: int, losses: Mapping[str, torch.Tensor]) -> None:
        if self._header:
            self._writer.writerow(["step", "seconds", *losses])
            self._header = False
        values = [f"{float(loss.detach()):.5f}" for loss in losses.values()]
        self._writer.writerow([step, f"{time.monotonic() - self._start_s:.1f}", *values])
        self._file.flush()


@contextmanager
def _log(path: Path, first: int) -> Iterator[_Log]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if first else "w", encoding="utf-8", newline="") as file:
        yield _Log(file, header=first == 0)


class _Bar:
    def __init__(self, progress: Progress, steps: int, first: int) -> None:
        self._progress = progress
        self._task = progress.add_task("training", total=steps, completed=first, loss="")

    def update(self, done: int, loss: float) -> None:
        self._progress.update(self._task, completed=done, loss=f"loss {loss:.4f}")


@contextmanager
def _progress(steps: int, first: int) -> Iterator[_Bar]:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )  # fmt: skip
    with Progress(*columns) as progress:
        yield _Bar(progress, steps, first)
