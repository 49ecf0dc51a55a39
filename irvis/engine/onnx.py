"""Artifacts through ONNX Runtime: on every processor, and on an NVIDIA GPU where its provider is installed."""

import os
from typing import Any

from ..errors import EngineError, EngineUnavailable
from ..frame import Pixels
from ..settings import EngineSettings
from .artifact import Port, check_ports, open_artifact
from .base import Engine

_ERRORS_ONLY = 3


class OnnxEngine(Engine):
    """An artifact in ONNX Runtime, in the precision of its graph.

    Args:
        settings: Artifact, precision and threads.
        size: Any; the graph takes every size.
        count: Any.

    Raises:
        ConfigError: No artifact has this name.
        EngineUnavailable: ONNX Runtime is not installed.
        EngineError: The artifact is not what its manifest says, or not a graph of irvis; or another
            precision was asked for than the graph's.
    """

    kind = "onnx"

    def __init__(self, settings: EngineSettings, size: tuple[int, int], count: int = 1) -> None:
        del size, count
        path, self.manifest, data, _ = open_artifact(settings.artifact, ("onnx",))
        own = self.manifest.arithmetic
        if settings.precision not in ("auto", own):
            raise EngineError(
                f"onnx computes in its graph's {own}; for {settings.precision} export an artifact of it "
                "or set engine.kind=openvino; otherwise engine.precision=auto"
            )
        self.precision = own
        try:
            import onnxruntime
            from onnxruntime.capi import onnxruntime_pybind11_state as native
        except ImportError as exc:
            raise EngineUnavailable(f"onnxruntime can't be imported ({exc}): pip install onnxruntime") from exc
        known = (cls for cls in vars(native).values() if isinstance(cls, type) and issubclass(cls, Exception))
        self._failures: tuple[type[Exception], ...] = (*known, RuntimeError, ValueError)
        installed = onnxruntime.get_available_providers()
        wanted = [name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in installed]
        try:
            self._session = onnxruntime.InferenceSession(data, _options(onnxruntime, settings), providers=wanted)
        except self._failures as exc:
            raise EngineError(f"{path}: ONNX Runtime can't load it: {_first_line(exc)}") from exc
        check_ports(
            path,
            {port.name: _port(port) for port in self._session.get_inputs()},
            {port.name: _port(port) for port in self._session.get_outputs()},
        )
        self.streams = settings.streams
        self.runtime = f"onnxruntime-{onnxruntime.__version__}"
        self.device = self._session.get_providers()[0].removesuffix("ExecutionProvider")

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the graph; see `Engine.infer`. The outputs are new arrays."""
        try:
            fused, labels = self._session.run(["fused", "labels"], {"visible": visible, "infrared": infrared})
        except self._failures as exc:
            raise EngineError(f"{self.fingerprint}: {_first_line(exc)}") from exc
        return fused, labels


def _options(onnxruntime: Any, settings: EngineSettings) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    # A session is shared by all streams, so each gets its share of the threads.
    options.intra_op_num_threads = max(1, (settings.threads or os.cpu_count() or 1) // settings.streams)
    # Threads that spin while they wait take the processor from the nodes beside this one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _port(port: Any) -> Port:
    dtype = str(port.type).removeprefix("tensor(").removesuffix(")")
    return Port(dtype, tuple(side if isinstance(side, int) else None for side in port.shape))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
