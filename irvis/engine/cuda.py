"""The little of CUDA that an engine without PyTorch needs: which GPU, a stream, buffers, a recorded graph."""

import ctypes
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import EngineError, EngineUnavailable
from ..frame import Pixels


def bindings() -> Any:
    """NVIDIA's runtime bindings.

    Raises:
        EngineUnavailable: They are not installed, or there is no NVIDIA driver or GPU.
    """
    try:
        from cuda.bindings import runtime
    except ImportError as exc:
        raise EngineUnavailable(
            f"cuda-bindings can't be imported ({exc}): pip install 'irvis[tensorrt]' or 'irvis[tensorrt-rtx]'"
        ) from exc
    status, count = runtime.cudaGetDeviceCount()
    if status != runtime.cudaError_t.cudaSuccess or not count:
        raise EngineUnavailable(
            f"no NVIDIA GPU can be used here ({status.name}): install its driver, or take another engine"
        )
    return runtime


def capability() -> str:
    """Compute capability of the GPU at hand, for example sm89.

    Raises:
        EngineUnavailable: There is none.
    """
    cuda = bindings()
    attributes = cuda.cudaDeviceAttr
    wanted = (attributes.cudaDevAttrComputeCapabilityMajor, attributes.cudaDevAttrComputeCapabilityMinor)
    major, minor = (checked(cuda, cuda.cudaDeviceGetAttribute(each, 0)) for each in wanted)
    return f"sm{major}{minor}"


def begin() -> Any:
    """NVIDIA's runtime bindings, with the first GPU made ready for this process.

    Raises:
        EngineUnavailable: As `bindings`.
        EngineError: The GPU can't be used, for example because its memory is full.
    """
    cuda = bindings()
    checked(cuda, cuda.cudaSetDevice(0))
    return cuda


def checked(cuda: Any, result: tuple[Any, ...]) -> Any:
    """The value of a call's (status, value), or None where it has none.

    Raises:
        EngineError: The status is not success.
    """
    status, *values = result
    if status != cuda.cudaError_t.cudaSuccess:
        _, text = cuda.cudaGetErrorString(status)
        raise EngineError(f"CUDA: {status.name}: {bytes(text).decode(errors='replace')}")
    return values[0] if values else None


class Buffer:
    """A tensor's memory on the host, pinned, so that copies run beside kernels, and on the device."""

    def __init__(self, cuda: Any, shape: tuple[int, ...]) -> None:
        self.size_bytes = int(np.prod(shape))
        self.device = checked(cuda, cuda.cudaMalloc(self.size_bytes))
        weakref.finalize(self, cuda.cudaFree, self.device)
        self._pinned = checked(cuda, cuda.cudaMallocHost(self.size_bytes))
        weakref.finalize(self, cuda.cudaFreeHost, self._pinned)
        memory = (ctypes.c_uint8 * self.size_bytes).from_address(int(self._pinned))
        self.host: Pixels = np.ctypeslib.as_array(memory).reshape(shape)
        self._cuda = cuda

    def upload(self, stream: Any) -> None:
        """Begin to copy host to device."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyHostToDevice
        checked(self._cuda, self._cuda.cudaMemcpyAsync(self.device, self._pinned, self.size_bytes, kind, stream))

    def download(self, stream: Any) -> None:
        """Begin to copy device to host."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyDeviceToHost
        checked(self._cuda, self._cuda.cudaMemcpyAsync(self._pinned, self.device, self.size_bytes, kind, stream))


class Stream:
    """A queue of work on the device; what it is given can be recorded once and replayed as a graph."""

    def __init__(self, cuda: Any) -> None:
        self._cuda = cuda
        self.handle = checked(cuda, cuda.cudaStreamCreateWithFlags(cuda.cudaStreamNonBlocking))
        weakref.finalize(self, cuda.cudaStreamDestroy, self.handle)

    def wait(self) -> None:
        """Until all of it is done."""
        checked(self._cuda, self._cuda.cudaStreamSynchronize(self.handle))

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Record what a function enqueues; the returned one enqueues it all at once."""
        cuda = self._cuda
        mode = cuda.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        checked(cuda, cuda.cudaStreamBeginCapture(self.handle, mode))
        try:
            work()
        finally:
            result = cuda.cudaStreamEndCapture(self.handle)
        graph = checked(cuda, result)
        ready = checked(cuda, cuda.cudaGraphInstantiate(graph, 0))
        checked(cuda, cuda.cudaGraphDestroy(graph))

        def replay() -> None:
            checked(cuda, cuda.cudaGraphLaunch(ready, self.handle))

        weakref.finalize(replay, cuda.cudaGraphExecDestroy, ready)
        return replay
