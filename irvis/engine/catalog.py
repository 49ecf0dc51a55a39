"""`irvis engines`: which engines there are here, what ships, and how fast they run it."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..config import parse_size
from ..settings import EngineSettings
from .artifact import shipped
from .auto import open_candidates, time_engines
from .presence import present


def engines(size: str = "640x480") -> None:
    """Show every engine with what it lacks to run here, and how fast the others run what ships.

    Those that compile an artifact first, or run checkpoints, are timed by `irvis bench --engines`.

    Args:
        size: Width and height of the pictures [px].

    Raises:
        ConfigError: The size is not WIDTHxHEIGHT.
        EngineError: What ships is damaged.
    """
    pixels = parse_size(size)
    console = Console()
    table = Table("engine", "runtime", "device", "precisions", "what it lacks", box=None, pad_edge=False)
    for each in present():
        row = (each.kind, each.runtime, each.device or "-", ", ".join(each.precisions) or "-", each.lacks)
        table.add_row(*map(escape, row))
    console.print(table, "")
    console.print(_timings(pixels))


def _timings(size: tuple[int, int]) -> Table:
    heading = f"ms a frame at {size[0]}x{size[1]}"
    table = Table("artifact", "engine", "precision", heading, box=None, pad_edge=False)
    for name in shipped():
        opened, refusals = open_candidates(EngineSettings(artifact=name), size)
        for engine, frame_ms in time_engines(opened, size, refusals):
            table.add_row(*map(escape, (name, engine.kind, engine.precision, f"{frame_ms:.1f}")))
        for refusal in refusals:
            table.add_row(escape(name), escape(refusal))
    return table
