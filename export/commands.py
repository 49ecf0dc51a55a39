"""`irvis export`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from irvis.console import console, progress
from irvis.engine import Artifact
from irvis.engine.inspection import told_layers

from .plan import Kind, Precision, Request, plan_of, precision_of, shapes_of
from .recipe import make


def export(
    source: str,
    *,
    to: Kind = "onnx",
    precision: Precision | None = None,
    segmentation: Annotated[str | None, Parameter(alias="--segmenter")] = None,
    name: str | None = None,
    out: Path = Path("artifacts"),
    size: str | None = None,
    dynamic: str | None = None,
    batch: str | None = None,
    device: str | None = None,
    version_compatible: bool = False,
    pairs: Path | None = None,
    allow_loss: bool = False,
) -> None:
    """Turn a checkpoint, or an artifact that ships, into an artifact: uint8 in and out, with its manifest.

    What is made is compared with the network (an artifact that ships: with itself in fp32) on pairs of pictures,
    and is written only if they agree. Every format is made from ONNX, which is written too if it is new.

    Args:
        source: Checkpoint of the fusion network (.pt), or a shipped artifact's name, or the path of an .onnx one.
        to: onnx, openvino, tensorrt-rtx, tensorrt (data centre, Jetson) or torch-tensorrt (stays in PyTorch); the
            last two compile for the GPU at hand.
        precision: fp32, fp16, bf16 or int8, as far as the format has it; each format's own default without.
        segmentation: What labels the pixels: a segmenter's checkpoint (.pt), or an artifact (a shipped one's name,
            or the path of an .onnx) whose segmenter is cut out of its graph and joined to the fusion. The source's
            own without; where it has none, every label is 0.
        name: What to call the artifact; the checkpoint's folder or the artifact's own name without.
        out: Folder for the artifact and its manifest.
        size: Width and height that a compiled artifact is fastest at [px]; 640x480 without.
        dynamic: Least and greatest size that it takes, 320x240:1920x1080; only --size without.
        batch: Pictures at once that it takes, 8 or 1:8.
        device: GPUs that tensorrt-rtx compiles for, sm86,sm89,sm120; the one at hand without.
        version_compatible: Let later versions of tensorrt or torch-tensorrt run it too, somewhat slower.
        pairs: Folder with ir/ and vi/ to compare on, and to calibrate int8 with; synthetic pairs without.
        allow_loss: Write the artifact even if it disagrees; its manifest then says so.
    """
    chosen = precision_of(to, precision)
    plan = plan_of(to, chosen, shapes_of(to, size, dynamic, batch), device, version_compatible=version_compatible)
    request = Request(source, to, chosen, out, name, segmentation, pairs, plan, allow_loss)
    with _progress() as bar:
        task = bar.add_task("", total=None)
        made = list(make(request, lambda doing: bar.update(task, description=doing)))
    console().print(_table(made))


def _table(made: list[Artifact]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in made:
        manifest, parity = each.manifest, each.manifest.parity
        assert parity is not None
        table.add_row("artifact", escape(str(each.path)))
        table.add_row("network", manifest.network)
        table.add_row("size", f"{(len(each.data) + len(each.weights)) / 1e6:.2f} MB")
        if manifest.target:
            table.add_row("compiled for", f"{', '.join(manifest.target.devices)}; {manifest.target}")
            table.add_row("layers", told_layers(manifest.target))
        table.add_row("fused, worst pair", f"{parity.psnr_db} dB, SSIM {parity.ssim}")
        table.add_row("labels, worst pair", f"{parity.labels_equal:.3%} equal")
        table.add_row("compared", f"on {parity.pairs} pairs by {parity.measured_on}")
        if manifest.loss_allowed:
            table.add_row("[red]loss", manifest.loss_allowed)
        if each is not made[-1]:
            table.add_row()
    return table


def _progress() -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return progress(*columns)
