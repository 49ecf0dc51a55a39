"""`irvis export`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cmdfc.engine import TorchEngine
from cmdfc.model import build
from irvis.engine import Artifact, open_engine
from irvis.engine.artifact import open_artifact
from irvis.engine.tensorrt_build import build as compile_tensorrt
from irvis.errors import ConfigError
from irvis.settings import EngineSettings

from . import artifact, openvino
from .artifact import Check
from .pairs import to_calibrate, to_compare
from .plan import COMPILED, Kind, Precision, build_plan, is_checkpoint, precision_of, shapes_of


def export(
    source: str,
    *,
    to: Kind = "onnx",
    precision: Precision | None = None,
    segmentation: Annotated[Path | None, Parameter(alias="--segmenter")] = None,
    name: str | None = None,
    out: Path = Path("artifacts"),
    size: str | None = None,
    dynamic: str | None = None,
    batch: str | None = None,
    device: str | None = None,
    pairs: Path | None = None,
    allow_loss: bool = False,
) -> None:
    """Turn a checkpoint, or an artifact that ships, into an artifact: uint8 in and out, with its manifest.

    What is made is compared with the network (an artifact that ships: with itself in fp32) on pairs of pictures,
    and is written only if they agree. Every format is made from ONNX, which is written too if it is new.

    Args:
        source: Checkpoint of the fusion network (.pt), or a shipped artifact's name, or the path of an .onnx one.
        to: onnx, openvino, tensorrt (data centre, Jetson: compiles for the GPU at hand) or tensorrt-rtx.
        precision: fp32, fp16, bf16 or int8, as far as the format has it; each format's own default without.
        segmentation: Checkpoint of the segmenter; without one a joint checkpoint's own, else every label is 0.
        name: What to call the artifact; the checkpoint's folder or the artifact's own name without.
        out: Folder for the artifact and its manifest.
        size: Width and height that a compiled artifact is fastest at [px]; 640x480 without.
        dynamic: Least and greatest size that it takes, 320x240:1920x1080; only --size without.
        batch: Pictures at once that it takes, 8 or 1:8.
        device: GPUs that tensorrt-rtx compiles for, sm86,sm89,sm120; the one at hand without.
        pairs: Folder with ir/ and vi/ to compare on, and to calibrate int8 with; synthetic pairs without.
        allow_loss: Write the artifact even if it disagrees; its manifest then says so.
    """
    chosen = precision_of(to, precision)
    shapes = shapes_of(to, size, dynamic, batch)
    if device and to not in COMPILED:
        raise ConfigError(f"--device {device}: {to} artifacts run on every processor; leave it out")
    if not is_checkpoint(source) and (to, chosen) == ("onnx", "fp32"):
        raise ConfigError(f"{source} is an fp32 ONNX artifact already: say --to or --precision")
    made: list[Artifact] = []
    with _progress() as progress:
        task = progress.add_task("drawing pairs to compare on", total=None)
        compared = to_compare(pairs)
        if is_checkpoint(source):
            path = Path(source)
            model = build(path, segmentation)
            title = name or path.resolve().parent.name
            check = Check(TorchEngine(model, title), compared, allow_loss)
            progress.update(task, description="tracing the network")
            traced = artifact.from_network(model, title, out)
            progress.update(task, description="comparing ONNX with the network")
            parent = artifact.write(traced, "fp32", check)
            made.append(parent)
        else:
            if segmentation:
                raise ConfigError(f"{source} is an artifact: --segmentation is for checkpoints (.pt)")
            opened = open_artifact(source, ("onnx",))
            title = name or opened.manifest.name
            manifest = opened.manifest.model_copy(update={"name": title})
            parent = opened._replace(path=out / f"{title}.onnx", manifest=manifest)
            check = Check(
                open_engine(EngineSettings(artifact=source, kind="onnx"), (640, 480)), compared, allow_loss
            )
        if (to, chosen) != ("onnx", "fp32"):
            progress.update(task, description=f"making {to} in {chosen}")
            if to == "openvino":
                child = openvino.convert(parent, chosen, to_calibrate(pairs) if chosen == "int8" else [])
            elif to == "onnx":
                child = artifact.in_fp16(parent)
            else:
                child = compile_tensorrt(parent, build_plan(to, chosen, shapes, device))
            progress.update(task, description=f"comparing {to} in {chosen}")
            made.append(artifact.write(child, chosen, check, parent))
    Console().print(_table(made))


def _table(made: list[Artifact]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for each in made:
        manifest, parity = each.manifest, each.manifest.parity
        assert parity is not None
        table.add_row("artifact", str(each.path))
        table.add_row("network", manifest.network)
        table.add_row("size", f"{(len(each.data) + len(each.weights)) / 1e6:.2f} MB")
        if manifest.target:
            layers = ", ".join(f"{count} {kind}" for kind, count in manifest.target.layers.items())
            table.add_row("compiled for", f"{', '.join(manifest.target.devices)}; layers: {layers}")
        table.add_row("fused, worst pair", f"{parity.psnr_db} dB, SSIM {parity.ssim}")
        table.add_row("labels, worst pair", f"{parity.labels_equal:.3%} equal")
        table.add_row("compared", f"on {parity.pairs} pairs by {parity.measured_on}")
        if manifest.loss_allowed:
            table.add_row("[red]loss", manifest.loss_allowed)
        table.add_section()
    return table


def _progress() -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)
