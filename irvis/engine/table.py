"""The tables of engines: kind -> "module:name", resolved on use, so that naming a runtime never imports it."""

import importlib
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from ..errors import ConfigError
from ..settings import EngineSettings
from .base import Engine

EngineClass: TypeAlias = Callable[[EngineSettings, tuple[int, int], int], Engine]
"""Called with the settings, the frames' size (width, height) [px] and how many come at once, loads the engine."""

ENGINES = {
    "average": "irvis.engine.average:AverageEngine",
    "onnx": "irvis.engine.onnx:OnnxEngine",
    "openvino": "irvis.engine.openvino:OpenVinoEngine",
    "tensorrt": "irvis.engine.tensorrt:TensorRtEngine",
    "torch": "cmdfc.engine:open_torch",
}

PRECISIONS = {"openvino": "irvis.engine.openvino:native_precisions"}
"""Where the fastest precision has to be tried: what tells those of this machine."""


def engine_class(kind: str) -> EngineClass:
    """The class that the table names for a kind.

    Raises:
        ConfigError: No such kind.
    """
    if kind not in ENGINES:
        raise ConfigError(f"engine {kind}: expected auto or one of {', '.join(sorted(ENGINES))}")
    return cast(EngineClass, _named(ENGINES[kind]))


def precisions_of(kind: str) -> tuple[str, ...]:
    """In which precisions to try an engine for the fastest; `auto` alone where the engine knows by itself.

    Raises:
        EngineUnavailable: The runtime is not installed.
    """
    return cast(tuple[str, ...], _named(PRECISIONS[kind])()) if kind in PRECISIONS else ("auto",)


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
