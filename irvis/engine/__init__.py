"""Loaded networks behind one contract: uint8 pictures in, uint8 picture and labels out."""

from ..settings import EngineSettings
from .base import Engine
from .manifest import Artifact, Manifest, Parity, Target, read_artifact
from .table import ENGINES, PRECISIONS, engine_class, precisions_of


def open_engine(settings: EngineSettings, size: tuple[int, int], count: int = 1) -> Engine:
    """Load the engine that the settings ask for; its `choice` says why it is this one.

    Args:
        settings: Which artifact, which kind, how.
        size: Width and height [px] of the frames to come; where the artifact takes others, the first of them is
            slower.
        count: Of them at once.

    Raises:
        ConfigError: No artifact or no engine has this name.
        EngineError: The artifact or its manifest is missing or wrong, or the runtime refuses it.
        EngineUnavailable: The runtime is not installed.
    """
    if settings.kind == "auto" or (settings.precision == "auto" and settings.kind in PRECISIONS):
        from .auto import choose

        return choose(settings, size, count)
    engine = engine_class(settings.kind)(settings, size, count)
    engine.choice = f"{settings.kind} was asked for"
    return engine


__all__ = [
    "ENGINES",
    "PRECISIONS",
    "Artifact",
    "Engine",
    "Manifest",
    "Parity",
    "Target",
    "engine_class",
    "open_engine",
    "precisions_of",
    "read_artifact",
]
