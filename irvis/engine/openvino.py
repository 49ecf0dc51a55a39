"""Artifacts through OpenVINO, compiled for this processor: in fp32, or in bf16 where it has the instructions."""

import threading
from collections import OrderedDict
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np

from ..errors import EngineError
from ..frame import Pixels
from ..settings import EngineSettings
from .artifact import check_ports, open_artifact
from .base import Engine
from .graph import failures, ports_of, read_graph, reason_of
from .pool import OutputPool
from .shapes import rounded

BF16 = "BF16"
"""OpenVINO's name for the capability."""
MAX_COMPILED = 4
"""Frame sizes whose compiled graphs are kept."""

Shape = tuple[int, ...]


class OpenVinoEngine(Engine):
    """An artifact compiled by OpenVINO for one frame size at a time; the newest sizes stay compiled.

    Args:
        settings: Artifact, precision and threads.
        size: Width and height [px] to compile for now.
        count: Frames at once to compile for now.
        emulate: Let a processor without bf16 imitate it, slowly: to measure an artifact for one that has it.

    Raises:
        ConfigError: No artifact has this name.
        EngineUnavailable: OpenVINO is not installed.
        EngineError: The artifact is not what its manifest says, or not a graph of irvis; or bf16 was asked for
            and the processor has none.
    """

    kind = "openvino"
    device = "CPU"

    def __init__(
        self, settings: EngineSettings, size: tuple[int, int], count: int = 1, *, emulate: bool = False
    ) -> None:
        artifact = open_artifact(settings.artifact, ("onnx", "openvino"))
        self.manifest = artifact.manifest
        self._failures = failures()
        import openvino

        self._core = openvino.Core()
        self._shared = partial(openvino.Tensor, shared_memory=True)
        self.runtime = f"openvino-{openvino.__version__.split('-')[0]}"
        self.precision = "int8" if self.manifest.precision == "int8" else self._checked(settings, emulate)
        self.streams = settings.streams
        self._options = {
            "PERFORMANCE_HINT": "LATENCY" if self.streams == 1 else "THROUGHPUT",
            "NUM_STREAMS": str(self.streams),
            # Beside other processes a pinned thread waits for its core while another one idles.
            "ENABLE_CPU_PINNING": "NO",
            "INFERENCE_PRECISION_HINT": "bf16" if self.precision == "bf16" else "f32",
        }
        if settings.threads is not None:
            self._options["INFERENCE_NUM_THREADS"] = str(settings.threads)
        self._model = read_graph(artifact)
        check_ports(artifact.path, ports_of(self._model.inputs), ports_of(self._model.outputs))
        self._pools: OrderedDict[Shape, SimpleQueue[Any]] = OrderedDict()
        self._compiling = threading.Lock()
        self._outputs = OutputPool()
        width, height = rounded(size, self.manifest.size_multiple)
        self._pool((count, height, width))

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the graph; see `Engine.infer`. The outputs are used again once nobody holds them."""
        pool = self._pool(infrared.shape)
        inputs = {"visible": _in_place(visible), "infrared": _in_place(infrared)}
        fused, labels = self._outputs.take(visible.shape), self._outputs.take(infrared.shape)
        request = pool.get()
        try:
            # It writes into these and holds them until its next frame, so they stay out of the pool that long.
            request.set_tensor("fused", self._shared(fused))
            request.set_tensor("labels", self._shared(labels))
            request.infer(inputs, share_inputs=True, share_outputs=True)
        except self._failures as exc:
            raise EngineError(f"{self.fingerprint}: {reason_of(exc)}") from exc
        finally:
            pool.put(request)
        return fused, labels

    def _checked(self, settings: EngineSettings, emulate: bool) -> str:
        asked = settings.precision
        if asked in ("fp16", "int8"):
            raise EngineError(
                f"{asked} was asked for, but {settings.artifact} computes in {self.manifest.precision}: set "
                "engine.precision=auto, or run `irvis export` for an artifact of that precision"
            )
        if asked == "bf16" and not (emulate or "bf16" in native_precisions()):
            name = self._core.get_property(self.device, "FULL_DEVICE_NAME")
            raise EngineError(f"bf16 was asked for, but {name} has no bf16 arithmetic: set engine.precision=auto")
        return "bf16" if asked == "bf16" else "fp32"

    def _pool(self, shape: Shape) -> SimpleQueue[Any]:
        """The idle inference requests of the graph compiled for infrared batches of this (N, H, W) shape."""
        with self._compiling:
            pool = self._pools.get(shape)
            if pool is None:
                pool = self._pools[shape] = self._compile(shape)
                if len(self._pools) > MAX_COMPILED:
                    self._pools.popitem(last=False)
            self._pools.move_to_end(shape)
            return pool

    def _compile(self, shape: Shape) -> SimpleQueue[Any]:
        pool: SimpleQueue[Any] = SimpleQueue()
        try:
            model = self._model.clone()
            model.reshape({"visible": [*shape, 3], "infrared": list(shape)})
            compiled = self._core.compile_model(model, self.device, self._options)
            for _ in range(self.streams):
                pool.put(compiled.create_infer_request())
        except self._failures as exc:
            raise EngineError(f"{self.fingerprint}: can't be compiled for {shape}: {reason_of(exc)}") from exc
        return pool


def native_precisions() -> tuple[str, ...]:
    """What this processor has instructions for; which is faster has to be tried: without AMX it is mostly fp32.

    Raises:
        EngineUnavailable: OpenVINO is not installed.
    """
    failures()  # or that it can't be imported
    import openvino

    has_bf16 = BF16 in openvino.Core().get_property(OpenVinoEngine.device, "OPTIMIZATION_CAPABILITIES")
    return ("fp32", "bf16") if has_bf16 else ("fp32",)


class _Unlocked:
    """An array that passes for writeable: OpenVINO copies inputs that are not, though it only reads them."""

    def __init__(self, array: Pixels) -> None:
        self._array = array
        self.__array_interface__ = {**array.__array_interface__, "data": (array.ctypes.data, False)}


def _in_place(array: Pixels) -> Pixels:
    return np.asarray(_Unlocked(np.ascontiguousarray(array)))
