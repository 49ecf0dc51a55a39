"""`irvis engines`: which engines there are here, what ships, and how fast they run it."""

from rich.markup import escape
from rich.table import Table

from ..config import parse_size
from ..console import console
from ..settings import EngineSettings
from .artifact import shipped
from .auto import open_candidates, time_engines
from .presence import present


def engines(size: str = "640x480") -> None:
    """Show which engines run here, in which precisions, and what the others lack; and how fast what ships runs.

    Those that compile an artifact first, or run checkpoints, are timed by `irvis bench --engines`.

    Args:
        size: Width and height of the pictures [px].

    Raises:
        ConfigError: The size is not WIDTHxHEIGHT.
        EngineError: What ships is damaged.
    """
    pixels = parse_size(size)
    shown = console()
    found = present()
    table = Table("engine", "runtime", "device", "precisions", box=None, pad_edge=False)
    for each in found:
        if not each.lacks:
            table.add_row(*map(escape, (each.kind, each.runtime, each.device, ", ".join(each.precisions))))
    shown.print(table)
    for each in found:
        if each.lacks:
            shown.print(f"not here: {each.kind} by {each.runtime}: {each.lacks}", markup=False, highlight=False)
    shown.print()
    shown.print(_timings(pixels, known={f"{each.kind}: {each.lacks}" for each in found}))


def _timings(size: tuple[int, int], known: set[str]) -> Table:
    """How fast what ships runs, and what refuses to, but for the reasons that are known."""
    heading = f"ms a frame at {size[0]}x{size[1]}"
    table = Table("artifact", "engine", "precision", heading, box=None, pad_edge=False)
    for name in shipped():
        opened, refusals = open_candidates(EngineSettings(artifact=name), size)
        for engine, frame_ms in sorted(time_engines(opened, size, refusals), key=lambda trial: trial.frame_ms):
            table.add_row(*map(escape, (name, engine.kind, engine.precision, f"{frame_ms:.1f}")))
        for refusal in refusals:
            if refusal not in known:
                table.add_row(escape(name), escape(refusal))
    return table
