"""Loaded networks behind one contract: uint8 pictures in, uint8 picture and labels out."""

import importlib
from collections.abc import Callable
from typing import cast

from ..errors import EngineError
from ..settings import EngineSettings
from .base import Engine, Manifest, Parity, read_manifest

Size = tuple[int, int]

ENGINES: dict[str, str] = {
    "average": "irvis.engine.average:AverageEngine",
}
"""Kind -> "module:Class", resolved on use, so that naming a runtime never imports it."""


def open_engine(settings: EngineSettings, size: Size) -> Engine:
    """Load the engine that the settings ask for.

    Args:
        settings: Which artifact, which kind, how.
        size: Width and height [px] of the frames to come; others work too, the first of them slower.

    Raises:
        EngineError: The artifact or its manifest is missing or wrong, or the runtime refuses it.
        EngineUnavailable: The runtime is not installed.
    """
    engine = engine_class(settings.kind)(settings, size)
    engine.choice = engine.choice or f"{settings.kind} was asked for"
    return engine


def engine_class(kind: str) -> Callable[[EngineSettings, Size], Engine]:
    """The class that the table names for a kind; called with settings and size, it loads the engine.

    Raises:
        EngineError: No such kind.
    """
    if kind not in ENGINES:
        raise EngineError(f"engine {kind}: expected one of {', '.join(sorted(ENGINES))}")
    module, _, name = ENGINES[kind].partition(":")
    return cast(Callable[[EngineSettings, Size], Engine], getattr(importlib.import_module(module), name))


__all__ = ["ENGINES", "Engine", "Manifest", "Parity", "engine_class", "open_engine", "read_manifest"]
