"""The TensorRT libraries: finding them, hearing what they log, reading what they say they built."""

import importlib
import logging
import re
from collections import Counter
from typing import Any, Literal

from ..errors import EngineUnavailable
from .artifact import Port

Library = Literal["tensorrt", "tensorrt_rtx", "torch_tensorrt"]
EXTRAS = {"tensorrt": "tensorrt", "tensorrt_rtx": "tensorrt-rtx", "torch_tensorrt": "torch-tensorrt"}
"""Library -> the extra of irvis that brings it, which is also what `irvis export --to` calls it."""
_LAYER = re.compile(r"^Name: .*?, LayerType: (\w+)(?P<rest>.*)$", re.MULTILINE)
_TYPE = re.compile(r"Outputs: \[ \{.*?Datatype: (\w+)")
log = logging.getLogger(__name__)


def load_library(library: Library) -> Any:
    """Import TensorRT.

    Raises:
        EngineUnavailable: It is not installed.
    """
    try:
        return importlib.import_module(library)
    except (ImportError, OSError, RuntimeError) as exc:
        extra = EXTRAS[library]
        raise EngineUnavailable(f"{library} can't be imported ({exc}): pip install 'irvis[{extra}]'") from exc


def compiles_for_others(trt: Any) -> bool:
    """Whether the library compiles for named GPUs, without one: TensorRT for RTX does."""
    return hasattr(trt, "ComputeCapability")


def logger_of(trt: Any) -> Any:
    """A TensorRT logger that writes to irvis' log.

    It keeps the last thing that went wrong in `problem`, and in `layers` what a builder tells of the engine that
    it has made.
    """

    class Logger(trt.ILogger):  # type: ignore[misc]  # the base is known at run time only
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.problem = ""
            self.layers = ""

        def log(self, severity: Any, message: str) -> None:
            if severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                self.problem = message
            elif message.startswith("Layers:"):
                self.layers = message
            log.log(logging.DEBUG, "%s", message)

    return Logger()


def last_problem(logger: Any, error: BaseException | None = None) -> str:
    """One line: why the last call failed."""
    return str(logger.problem or error or "no reason given").splitlines()[0]


def port_of(trt: Any, dtype: Any, shape: Any) -> Port:
    """An input or output of a network or engine; sides that are free are -1 there."""
    name = "uint8" if dtype == trt.uint8 else str(dtype).rpartition(".")[2].lower()
    return Port(name, tuple(side if side >= 0 else None for side in shape))


def inspected_layers(report: str) -> dict[str, int]:
    """How many layers of a compiled engine give which type; those that only wait for others give `none`.

    Args:
        report: The engine inspector's, in its ONELINE format; a builder logs the same.

    Example:
        >>> inspected_layers('''Layers:
        ... Name: a, LayerType: kgen, Inputs: [], Outputs: [ { Name: y, Datatype: Float }], TacticName: t
        ... Name: b, LayerType: signal, Inputs: [], Outputs: [], TacticName: ''')
        {'FLOAT': 1, 'none': 1}
    """
    types = (_TYPE.search(layer["rest"]) for layer in _LAYER.finditer(report))
    return dict(Counter(found[1].upper() if found else "none" for found in types))
