"""`irvis export`."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from cmdfc.model import build

from . import artifact


def export(fusion: Path, *, name: str, segmenter: Path | None = None, out: Path = Path("artifacts")) -> None:
    """Turn checkpoints into an artifact: one ONNX graph, uint8 in and out, with its manifest.

    The artifact is compared with the network on synthetic pairs and on noise; if it disagrees, nothing is written.

    Args:
        fusion: Checkpoint of the fusion network.
        name: What to call the artifact.
        segmenter: Checkpoint of the segmenter; without one, every label is 0.
        out: Folder for NAME.onnx and NAME.json.
    """
    console = Console()
    with console.status("tracing, converting and comparing"):
        path, manifest = artifact.write(build(fusion, segmenter), name, out)
    table = Table(show_header=False)
    table.add_row("artifact", str(path))
    table.add_row("network", manifest.network)
    table.add_row("size", f"{path.stat().st_size / 1e6:.2f} MB")
    if manifest.parity:
        table.add_row("fused, worst pair", f"{manifest.parity.psnr_db} dB from the network")
        table.add_row("labels, worst pair", f"{manifest.parity.labels_equal:.3%} equal")
    console.print(table)
