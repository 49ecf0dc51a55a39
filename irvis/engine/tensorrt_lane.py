"""One stream through a TensorRT engine: its execution context, its buffers, its CUDA stream."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import EngineError
from ..frame import Pixels
from .cuda import Buffer, Stream
from .pool import OutputPool
from .tensorrt_contexts import Contexts
from .tensorrt_library import last_problem

INPUTS, OUTPUTS = ("visible", "infrared"), ("fused", "labels")
Shape = tuple[int, ...]
log = logging.getLogger(__name__)


class Lane:
    """Runs one batch at a time; the copies of one lane run beside the kernels of the others.

    Buffers are kept for the newest shape alone. The data-centre library's work is recorded as a CUDA graph.

    Args:
        cuda: NVIDIA's runtime bindings.
        contexts: Gives the execution context.
        logger: Of the engine.
    """

    def __init__(self, cuda: Any, contexts: Contexts, logger: Any) -> None:
        self._cuda = cuda
        self._contexts = contexts
        self._logger = logger
        self._stream = Stream(cuda)
        self._context = contexts.new()
        self._shape: Shape = ()
        self._buffers: dict[str, Buffer] = {}
        self._replay: Callable[[], None] | None = None

    def run(self, visible: Pixels, infrared: Pixels, pool: OutputPool) -> tuple[Pixels, Pixels]:
        """Fuse a batch (N, H, W, 3) and (N, H, W); the outputs are copies in arrays of the pool.

        Raises:
            EngineError: TensorRT or CUDA failed.
        """
        if infrared.shape != self._shape:
            self.prepare(infrared.shape)
        np.copyto(self._buffers["visible"].host, visible)
        np.copyto(self._buffers["infrared"].host, infrared)
        if self._replay:
            self._replay()
        else:
            self._enqueue()
        self._stream.wait()
        results = []
        for name in OUTPUTS:
            host = self._buffers[name].host
            result = pool.take(host.shape)
            np.copyto(result, host)
            results.append(result)
        return results[0], results[1]

    def prepare(self, shape: Shape) -> None:
        """Get ready for infrared batches of this (N, H, W): all that takes time or memory is done here.

        Raises:
            EngineError: TensorRT or CUDA refuses it.
        """
        self._stream.wait()  # nothing may still use the buffers that are let go
        self._shape, self._replay, self._buffers = (), None, {}
        shapes = {"visible": (*shape, 3), "infrared": shape, "fused": (*shape, 3), "labels": shape}
        for name in INPUTS:
            self._hold(self._context.set_input_shape(name, shapes[name]), f"refuses {name} of {shapes[name]}")
        for name, expected in shapes.items():
            given = tuple(self._context.get_tensor_shape(name))
            self._hold(given == expected, f"has {name} of {given} where {expected} is expected")
        self._buffers = {name: Buffer(self._cuda, each) for name, each in shapes.items()}
        for name, buffer in self._buffers.items():
            self._hold(self._context.set_tensor_address(name, int(buffer.device)), f"refuses the memory of {name}")
        self._enqueue()  # once as it is: what is done lazily must not be recorded
        self._stream.wait()
        if self._contexts.record_graphs:
            self._contexts.keep()
        else:
            self._replay = self._recorded()
        self._shape = shape

    def _recorded(self) -> Callable[[], None] | None:
        try:
            return self._stream.record(self._enqueue)
        except EngineError as exc:
            log.warning("no CUDA graph of this engine, it runs layer by layer: %s", exc)
            return None

    def _enqueue(self) -> None:
        for name in INPUTS:
            self._buffers[name].upload(self._stream.handle)
        self._hold(self._context.execute_async_v3(int(self._stream.handle)), "could not run the engine")
        for name in OUTPUTS:
            self._buffers[name].download(self._stream.handle)

    def _hold(self, succeeded: bool, failure: str) -> None:
        if not succeeded:
            raise EngineError(f"TensorRT {failure}: {last_problem(self._logger)}")
