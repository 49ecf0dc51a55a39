"""`irvis train`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from irvis.config import load

from ..settings import TrainingFile
from ..tasks import open_task
from ..train import train as run_training


def train(
    config: Path,
    *,
    data: Path,
    out: Path | None = None,
    overrides: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    resume: bool = True,
) -> None:
    """Train the fusion network, the segmenter on pictures that a trained one has fused, or both together.

    Writes checkpoint.pt and log.csv. Stopped and started again, it goes on at the step of its last checkpoint and
    sees the batches that it would have seen.

    Args:
        config: For example configs/train/nano.yaml.
        data: Folder that holds the data folders which the configuration names.
        out: Folder of the checkpoint and the log; runs/CONFIG without.
        overrides: Change a key: --set training.schedule.seed=2.
        resume: Go on from the checkpoint in the output folder, if there is one.
    """
    settings = load(TrainingFile, config, overrides or []).training
    path = run_training(open_task(settings, data), settings.schedule, out or Path("runs") / config.stem, resume)
    Console().print(f"{path}: trained; next: irvis evaluate {path} --data DIR, irvis export {path} --name NAME")
