"""`irvis evaluate`."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.progress import track

from irvis.engine import open_engine
from irvis.errors import DataError
from irvis.settings import EngineSettings

from .. import checkpoint, report
from ..data.pairs import PairFolder
from ..engine import TorchEngine
from ..evaluate import Evaluation
from ..model import build
from ..outputs import Output, network, saved, segment_with, trivial
from ..segmentation import Segmenter

EVALUATION_SIZE = (640, 480)
CHECKPOINT_SUFFIX = ".pt"
PIPED_WIDTH = 100
"""Columns of the tables where there is no terminal to ask."""

EngineKind = Literal["auto", "onnx", "openvino"]


def evaluate(
    subjects: Annotated[list[str], Parameter(negative="")],
    *,
    data: Path,
    names: Annotated[Path | None, Parameter(name="--list")] = None,
    against: Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)] = None,
    segmenter: Annotated[list[Path] | None, Parameter(negative="", consume_multiple=True)] = None,
    engine: EngineKind = "onnx",
    with_trivial: Annotated[bool, Parameter(name="--trivial")] = True,
    out: Path | None = None,
    pictures: Annotated[int, Parameter(validator=Number(gte=0))] = 12,
    jobs: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
) -> None:
    """Measure networks on pairs that they never saw, beside trivial outputs and other people's results.

    Several subjects are compared with the first one, which is how an ablation study is made:

        irvis evaluate full=runs/full/checkpoint.pt no_cbam=runs/no_cbam/checkpoint.pt --data DIR

    Args:
        subjects: Each a shipped artifact's name, an .onnx file, or a fusion checkpoint (.pt); NAME=PATH calls it
            NAME in the tables.
        data: Folder with the pairs: infrared in ir/, visible in vi/, and labels in labels/ if there are any.
        names: Text file with one stem per line: only these pairs.
        against: Folders of pictures that others have fused, named like the pairs; NAME=FOLDER calls them NAME.
        segmenter: Checkpoint of the segmenter for the fusion checkpoints: one for all, or one for each in order.
            Without, a joint checkpoint's own.
            The first labels trivial outputs and other people's pictures as well, so that all have an mIoU.
        engine: What runs an artifact.
        with_trivial: Also measure copy visible, copy infrared, mean and pixel max.
        out: Folder for the report: index.html, report.md, means.csv and pairs.csv.
        pictures: Pairs to show in index.html, from the worst to the best, as many dark as bright ones.
        jobs: Threads that take metrics; one per processor core without.
    """
    folder = PairFolder(data, _stems(names) if names else None)
    segmenters = segmenter or []
    outputs = _open_subjects(subjects, segmenters, engine)
    segment = None
    if segmenters and folder.has_labels:
        segment = partial(segment_with, Segmenter.of(checkpoint.load(segmenters[0], "segmentation")))
    for given in against or []:
        name, path = _named(given)
        outputs.append(saved(Path(path), name or Path(path).resolve().name, folder, segment))
    if with_trivial:
        outputs += trivial(segment)

    console = Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)
    evaluation = Evaluation(folder, outputs)
    steps = evaluation.run(jobs or os.cpu_count() or 1)
    for _ in track(steps, "evaluating", total=len(folder), console=console, transient=True):
        pass
    for table in report.tables(evaluation):
        console.print(report.on_terminal(table), "")
    if out:
        title = f"{outputs[0].name} on {len(folder)} pairs of {data}"
        with console.status("drawing the report"):
            page = report.write(out, evaluation, title, pictures)
        console.print(f"{page}: the report; report.md, means.csv and pairs.csv are beside it", soft_wrap=True)


def _open_subjects(subjects: list[str], segmenters: list[Path], engine: EngineKind) -> list[Output]:
    checkpoints = sum(subject.endswith(CHECKPOINT_SUFFIX) for subject in subjects)
    if len(segmenters) not in (0, 1, checkpoints):
        raise DataError(
            f"{len(segmenters)} segmenters for {checkpoints} fusion checkpoints; "
            "expected one for all or one for each"
        )
    waiting = iter(segmenters if len(segmenters) > 1 else segmenters * checkpoints)
    outputs = []
    for subject in subjects:
        name, path = _named(subject)
        if path.endswith(CHECKPOINT_SUFFIX):
            labelling = next(waiting, None)
            name = name or _checkpoint_name(Path(path))
            model = build(Path(path), labelling)
            outputs.append(network(TorchEngine(model, name), name, model.segmenter is not None))
        else:
            loaded = open_engine(EngineSettings(artifact=path, kind=engine), EVALUATION_SIZE)
            outputs.append(network(loaded, name or loaded.manifest.name, len(loaded.manifest.classes) > 1))
    return outputs


def _checkpoint_name(path: Path) -> str:
    """What a checkpoint is called: its training's folder, where its file has the name that all have."""
    return path.resolve().parent.name if path.stem == "checkpoint" else path.stem


def _named(given: str) -> tuple[str | None, str]:
    name, equals, path = given.partition("=")
    return (name, path) if equals and name and not Path(given).exists() else (None, given)


def _stems(names: Path) -> list[str]:
    try:
        return [line.strip() for line in names.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as exc:
        raise DataError(f"{names}: can't be read ({exc}); expected one stem per line") from exc
