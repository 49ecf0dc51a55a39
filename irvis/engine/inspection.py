"""`irvis inspect`: what is in an artifact, and whether it would load here."""

from rich.markup import escape
from rich.table import Table

from ..config import parse_size
from ..console import console
from ..errors import EngineError
from ..settings import EngineSettings
from .artifact import INPUTS, OUTPUTS, Port, open_artifact
from .auto import open_candidates
from .graph import at_size, gflop_of, layers_of, ports_of, read_graph
from .manifest import Artifact, Target
from .shapes import text
from .tensorrt_plan import USUAL

SHOWN_OPERATIONS = 12
SIDES = ("N", "H", "W")
READABLE = ("onnx", "openvino")
"""Kinds whose graph can be read; the others tell what their manifest does."""
Row = tuple[str, str]


def inspect(artifact: str, *, size: str | None = None) -> int:
    """Show an artifact's manifest, its graph, what a frame costs, and whether it would load here.

    Args:
        artifact: A shipped artifact's name or a path.
        size: Width and height of the frames [px]; without, what it was compiled for, or 640x480.

    Raises:
        ConfigError: No artifact has this name, or the size is not WIDTHxHEIGHT.
        EngineError: The artifact is damaged, or has no manifest.
    """
    opened = open_artifact(artifact)
    target = opened.manifest.target
    usual = target or USUAL
    pixels, count = parse_size(size) if size else usual.usual, usual.batch[0]
    rows = _manifest_rows(opened)
    try:
        rows += _graph_rows(opened, pixels) if opened.manifest.kind in READABLE else _compiled_rows(opened)
        engines, refusals = open_candidates(EngineSettings(artifact=str(opened.path)), pixels, count)
    except EngineError as exc:
        engines, refusals = [], [str(exc)]
    rows += [("loads here", engine.fingerprint) for engine in engines] or [("loads here", "no")]
    rows += [("not here", refusal) for refusal in refusals]
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    console().print(table)
    return 0 if engines else EngineError.exit_code


def _manifest_rows(artifact: Artifact) -> list[Row]:
    told = artifact.manifest.model_dump(exclude_none=True, exclude={"version", "parity", "target", "classes"})
    rows = [("artifact", str(artifact.path)), *((key, str(value)) for key, value in told.items())]
    rows += [("classes", ", ".join(artifact.manifest.classes))]
    if parity := artifact.manifest.parity:
        rows += [
            (
                "parity",
                f"{parity.psnr_db} dB, SSIM {parity.ssim}, {parity.labels_equal:.3%} of labels equal on the worst "
                f"of {parity.pairs} pairs, by {parity.measured_on}",
            )
        ]
    return [*rows, ("files", f"{(len(artifact.data) + len(artifact.weights)) / 1e6:.2f} MB")]


def _graph_rows(artifact: Artifact, size: tuple[int, int]) -> list[Row]:
    """Ports, operations and arithmetic of a graph."""
    model = read_graph(artifact)
    ports = _port_rows(ports_of(model.inputs), ports_of(model.outputs))
    width, height = at_size(model, size, artifact.manifest.size_multiple)
    layers = layers_of(model)
    shown = ", ".join(f"{count} {name}" for name, count in layers.most_common(SHOWN_OPERATIONS))
    return [
        *ports,
        ("layers", f"{layers.total()}: {shown}" + (", ..." if len(layers) > SHOWN_OPERATIONS else "")),
        (f"at {width}x{height}", _work(gflop_of(model))),
    ]


def _compiled_rows(artifact: Artifact) -> list[Row]:
    """What the manifest of a compiled artifact says: only its own GPU can open it."""
    target = artifact.manifest.target
    if target is None:
        return []
    rows = [
        *_port_rows(INPUTS, OUTPUTS),
        ("compiled by", f"{target.library} {target.version} for {', '.join(target.devices)}"),
        ("sizes", f"{text(target.smallest)} to {text(target.largest)}, fastest at {text(target.usual)}"),
        ("batch", f"{target.batch[0]} to {target.batch[1]}"),
        ("layers", told_layers(target)),
    ]
    return rows if target.gflop is None else [*rows, (f"at {text(target.usual)}", _work(target.gflop))]


def told_layers(target: Target) -> str:
    """Layers of a compiled engine and of the network that was compiled, by the type of what they give.

    Example:
        >>> shapes = {name: (640, 480) for name in ("smallest", "usual", "largest")}
        >>> layers = {"none": 1, "HALF": 3}
        >>> told_layers(Target(library="tensorrt", version="11", devices=[], **shapes, engine_layers=layers))
        'engine 4: 3 HALF, 1 that only wait for others'
    """

    def told(counts: dict[str, int]) -> str:
        named = {"that only wait for others" if kind == "none" else kind: n for kind, n in counts.items()}
        return ", ".join(f"{n} {kind}" for kind, n in sorted(named.items(), key=lambda row: -row[1]))

    both = (("engine", target.engine_layers), ("network", target.layers))
    return "; ".join(f"{name} {sum(counts.values())}: {told(counts)}" for name, counts in both if counts)


def _port_rows(inputs: dict[str, Port], outputs: dict[str, Port]) -> list[Row]:
    def shape(port: Port) -> str:
        sides = zip(port.shape, (*SIDES, "?"), strict=False)
        return ", ".join(name if side is None else str(side) for side, name in sides)

    return [
        (f"{direction} {name}", f"{port.dtype} [{shape(port)}]")
        for direction, ports in (("input", inputs), ("output", outputs))
        for name, port in ports.items()
    ]


def _work(gflop: float) -> str:
    return f"{gflop:.2f} GFLOP a frame in convolutions, a multiply-add counted as two"
