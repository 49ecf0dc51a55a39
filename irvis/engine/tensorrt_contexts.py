"""Execution contexts of a TensorRT engine, and what TensorRT for RTX compiles for this card, kept between runs."""

from pathlib import Path
from typing import Any

from ..errors import EngineError
from .kept import keep, kept
from .tensorrt_library import last_problem


class Contexts:
    """Makes execution contexts, one for each stream of frames.

    TensorRT for RTX compiles kernels for a frame size when it first meets it. It is told to do that at once rather
    than beside the first frames, so that all of them are there to be kept; all contexts share them. It also
    records CUDA graphs by itself.

    Args:
        trt: The library.
        engine: Deserialized.
        logger: The engine's.
        path: File of the kernels.

    Attributes:
        record_graphs: Whether they record their work as CUDA graphs.
    """

    def __init__(self, trt: Any, engine: Any, logger: Any, path: Path) -> None:
        self.record_graphs = hasattr(trt, "CudaGraphStrategy")
        self._engine = engine
        self._logger = logger
        self._path = path
        if self.record_graphs:
            self._config = engine.create_runtime_config()
            self._config.cuda_graph_strategy = trt.CudaGraphStrategy.WHOLE_GRAPH_CAPTURE
            eager = trt.DynamicShapesKernelSpecializationStrategy.EAGER
            self._config.dynamic_shapes_kernel_specialization_strategy = eager
            self._kernels = self._config.create_runtime_cache()
            if earlier := kept(path):
                self._kernels.deserialize(earlier)  # of another version, card or driver: it stays empty
            self._config.set_runtime_cache(self._kernels)

    def new(self) -> Any:
        """One more context.

        Raises:
            EngineError: TensorRT gives none.
        """
        given = (self._config,) if self.record_graphs else ()
        context = self._engine.create_execution_context(*given)
        if context is None:
            raise EngineError(
                f"TensorRT gives no execution context ({last_problem(self._logger)}): is the GPU's memory full? "
                "Set engine.streams=1, or stop what else runs on it"
            )
        return context

    def keep(self) -> None:
        """Write down what was compiled for this card."""
        if self.record_graphs:
            keep(self._path, bytes(memoryview(self._kernels.serialize())))
