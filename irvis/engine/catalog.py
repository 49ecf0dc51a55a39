"""`irvis engines`: what ships, and what can run it here."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..config import parse_size
from ..errors import IrvisError
from ..settings import EngineSettings
from .artifact import open_artifact, shipped
from .auto import time_engines
from .base import Engine
from .table import ENGINES, engine_class


def engines(size: str = "640x480") -> None:
    """Show the artifacts that ship, and for each engine whether it runs them here and how fast.

    Args:
        size: Width and height of the pictures [px].

    Raises:
        ConfigError: The size is not WIDTHxHEIGHT.
    """
    pixels = parse_size(size)
    table = Table("artifact", "network", "engine", "runtime", "precision", "ms a frame", box=None, pad_edge=False)
    for name in ["(none)", *shipped()]:
        opened: list[Engine] = []
        refusals: list[str] = []
        for kind in ENGINES:
            if kind != "torch" and (kind == "average") == (name == "(none)"):
                _open(EngineSettings.model_validate({"artifact": name, "kind": kind}), pixels, opened, refusals)
        for engine, frame_ms in time_engines(opened, pixels, refusals):
            runtime = f"{engine.runtime} {engine.device}"
            network = engine.manifest.network
            row = (name, network, engine.kind, runtime, engine.precision, f"{frame_ms:.1f}")
            table.add_row(*map(escape, row))
        for refusal in refusals:
            table.add_row(escape(name), escape(refusal))
    Console().print(table)


def _open(settings: EngineSettings, size: tuple[int, int], opened: list[Engine], refusals: list[str]) -> None:
    try:
        if settings.kind != "average":
            open_artifact(settings.artifact)
        opened.append(engine_class(settings.kind)(settings, size))
    except IrvisError as exc:
        refusals.append(f"{settings.kind}: {exc}")
