"""`irvis train` and `irvis evaluate`."""

from collections import deque
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import track

from irvis.config import load
from irvis.engine import Engine, open_engine
from irvis.errors import DataError
from irvis.settings import EngineSettings

from . import report
from .data.pairs import PairFolder
from .engine import TorchEngine
from .evaluate import evaluate as run_evaluation
from .model import build
from .settings import TrainingFile
from .train import open_task
from .train import train as run_training

EVALUATION_SIZE = (640, 480)


def train(
    config: Path,
    *,
    data: Path,
    out: Path | None = None,
    overrides: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    resume: bool = True,
) -> None:
    """Train a network: the fusion network, or the segmenter on pictures that a trained one has fused.

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


def evaluate(
    subject: str,
    *,
    data: Path,
    names: Annotated[Path | None, Parameter(name="--list")] = None,
    segmenter: Path | None = None,
    engine: Literal["auto", "onnx", "openvino"] = "onnx",
    trivial: bool = True,
    out: Path | None = None,
) -> None:
    """Measure a network on pairs that it never saw, beside trivial outputs.

    Args:
        subject: A shipped artifact's name, an .onnx file, or a fusion checkpoint (.pt).
        data: Folder with the pairs: infrared in ir/, visible in vi/, and labels in labels/ if there are any.
        names: Text file with one stem per line: only these pairs.
        segmenter: Checkpoint of the segmenter, where the subject is a fusion checkpoint.
        engine: What runs an artifact.
        trivial: Also measure copy visible, copy infrared, mean and pixel max.
        out: Folder for report.md and pairs.csv.
    """
    folder = PairFolder(data, _stems(names) if names else None)
    loaded = _open(subject, segmenter, engine)
    steps = track(run_evaluation(folder, loaded, trivial), "evaluating", total=len(folder))
    _, scores = deque(steps, maxlen=1).pop()
    console = Console()
    console.print(report.means_table(scores, len(folder)))
    own = scores[loaded.manifest.name]
    if own.confusion is not None:
        console.print(report.segmentation_table(own, loaded.manifest.classes))
    if out:
        report.write(
            out, scores, loaded.manifest.classes, f"{loaded.fingerprint} on {len(folder)} pairs of {data}"
        )
        console.print(f"{out / 'report.md'} and {out / 'pairs.csv'} written")


def _open(subject: str, segmenter: Path | None, engine: Literal["auto", "onnx", "openvino"]) -> Engine:
    if subject.endswith(".pt"):
        return TorchEngine(build(Path(subject), segmenter), Path(subject).parent.name)
    return open_engine(EngineSettings(artifact=subject, kind=engine), EVALUATION_SIZE)


def _stems(names: Path) -> list[str]:
    try:
        return [line.strip() for line in names.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as exc:
        raise DataError(f"{names}: can't be read ({exc}); expected one stem per line") from exc
