"""One stream through a TensorRT engine: its execution context, its buffers, its CUDA stream."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import EngineError
from ..frame import Pixels
from .cuda import Buffer, Stream
from .kept import keep
from .pool import OutputPool

Shape = tuple[int, ...]


class Lane:
    """Runs one batch at a time; the copies of one lane run beside the kernels of the others.

    Buffers are kept for the newest shape alone. The data-centre library's work is recorded as a CUDA graph of our
    own; TensorRT for RTX records its own, once it has specialised its kernels, and keeps those in a runtime cache.

    Args:
        trt: The library.
        cuda: NVIDIA's runtime bindings.
        engine: Deserialized.
        kept: File of the runtime cache.
    """

    def __init__(self, trt: Any, cuda: Any, engine: Any, kept: Path) -> None:
        self._cuda = cuda
        self._stream = Stream(cuda)
        self._shape: Shape = ()
        self._buffers: dict[str, Buffer] = {}
        self._replay: Callable[[], None] | None = None
        self._cache: Any = None
        self._kept = kept
        self._records_itself = hasattr(trt, "CudaGraphStrategy")
        if self._records_itself:
            config = engine.create_runtime_config()
            config.cuda_graph_strategy = trt.CudaGraphStrategy.WHOLE_GRAPH_CAPTURE
            self._cache = config.create_runtime_cache()
            if kept.is_file():
                self._cache.deserialize(kept.read_bytes())
            config.set_runtime_cache(self._cache)
            self._context = engine.create_execution_context(config)
        else:
            self._context = engine.create_execution_context()
        if self._context is None:
            raise EngineError("TensorRT gives no execution context: is the GPU's memory full?")

    def run(self, visible: Pixels, infrared: Pixels, pool: OutputPool) -> tuple[Pixels, Pixels]:
        """Fuse a batch (N, H, W, 3) and (N, H, W); the outputs are copies in arrays of the pool.

        Raises:
            EngineError: TensorRT or CUDA failed.
        """
        if infrared.shape != self._shape:
            self._prepare(infrared.shape)
        np.copyto(self._buffers["visible"].host, visible)
        np.copyto(self._buffers["infrared"].host, infrared)
        if self._replay:
            self._replay()
        else:
            self._enqueue()
        self._stream.wait()
        results = []
        for name in ("fused", "labels"):
            host = self._buffers[name].host
            result = pool.take(host.shape)
            np.copyto(result, host)
            results.append(result)
        return results[0], results[1]

    def _prepare(self, shape: Shape) -> None:
        self._shape, self._replay = (), None  # a failure below must not leave buffers of another shape in use
        shapes = {"visible": (*shape, 3), "infrared": shape, "fused": (*shape, 3), "labels": shape}
        self._buffers = {name: Buffer(self._cuda, each) for name, each in shapes.items()}
        for name, buffer in self._buffers.items():
            if name in ("visible", "infrared") and not self._context.set_input_shape(name, shapes[name]):
                raise EngineError(f"TensorRT refuses {name} of {shapes[name]}")
            self._context.set_tensor_address(name, int(buffer.device))
        self._enqueue()  # once as it is: what is done lazily must not be recorded
        self._stream.wait()
        if self._records_itself:
            keep(self._kept, bytes(memoryview(self._cache.serialize())))
        else:
            self._replay = self._stream.record(self._enqueue)
        self._shape = shape

    def _enqueue(self) -> None:
        for name in ("visible", "infrared"):
            self._buffers[name].upload(self._stream.handle)
        if not self._context.execute_async_v3(int(self._stream.handle)):
            raise EngineError("TensorRT could not run the engine: see its lines with --log-level DEBUG")
        for name in ("fused", "labels"):
            self._buffers[name].download(self._stream.handle)
