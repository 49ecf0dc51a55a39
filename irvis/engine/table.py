"""The table of engines: kind -> "module:Class", resolved on use, so that naming a runtime never imports it."""

import importlib
from collections.abc import Callable
from typing import TypeAlias, cast

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


def engine_class(kind: str) -> EngineClass:
    """The class that the table names for a kind.

    Raises:
        ConfigError: No such kind.
    """
    if kind not in ENGINES:
        raise ConfigError(f"engine {kind}: expected auto or one of {', '.join(sorted(ENGINES))}")
    module, _, name = ENGINES[kind].partition(":")
    return cast(EngineClass, getattr(importlib.import_module(module), name))
