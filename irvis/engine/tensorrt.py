"""Artifacts compiled by TensorRT or TensorRT for RTX, on an NVIDIA GPU."""

import importlib.util
from queue import SimpleQueue

from ..errors import EngineError
from ..frame import Pixels
from ..settings import EngineSettings
from . import cuda
from .artifact import open_artifact
from .base import Engine
from .cache import rebuilt
from .kept import cache_folder
from .manifest import Artifact
from .pool import OutputPool
from .shapes import Shapes, rounded
from .tensorrt_checks import (
    advice,
    check_device,
    check_engine,
    check_frames,
    check_header,
    check_precision,
    check_version,
    target_of,
)
from .tensorrt_contexts import Contexts
from .tensorrt_lane import Lane
from .tensorrt_library import EXTRAS, Library, last_problem, load_library, logger_of
from .tensorrt_plan import BuildPlan


class TensorRtEngine(Engine):
    """A compiled artifact; each stream has its own execution context, buffers and CUDA stream.

    Args:
        settings: Artifact, streams, and whether an ONNX artifact may be compiled here.
        size: Width and height of the frames to come [px].
        count: Of them at once.

    Raises:
        ConfigError: No artifact has this name.
        EngineUnavailable: The library is not installed, or there is no NVIDIA GPU.
        EngineError: The artifact is damaged, or was built for another GPU, library version, frame size or batch.
    """

    kind = "tensorrt"

    def __init__(self, settings: EngineSettings, size: tuple[int, int], count: int = 1) -> None:
        artifact = open_artifact(settings.artifact, ("tensorrt", "onnx"))
        if artifact.manifest.kind == "onnx":
            artifact = _compile(artifact, settings, size, count)
        check_frames(artifact, size, count)
        check_precision(artifact, settings.precision)
        trt = load_library(target_of(artifact).library)
        check_version(artifact, trt.__version__)
        logger = logger_of(trt)
        runtime = trt.Runtime(logger)
        if target_of(artifact).version_compatible:
            runtime.engine_host_code_allowed = True  # it brings the runtime of the version that built it
        check_header(trt, runtime, artifact)
        self.device = cuda.capability()
        check_device(artifact, self.device)
        ready = cuda.begin()
        engine = runtime.deserialize_cuda_engine(artifact.data)
        if engine is None:
            raise EngineError(
                f"{artifact.path}: {trt.__name__} can't load it: {last_problem(logger)}; {advice(artifact)}"
            )
        check_engine(trt, engine, artifact)
        self.manifest = artifact.manifest
        self.runtime = f"{trt.__name__}-{trt.__version__}"
        self.precision = artifact.manifest.precision
        self.streams = settings.streams
        self._artifact = artifact
        self._pool = OutputPool()
        self._lanes: SimpleQueue[Lane] = SimpleQueue()
        kernels = cache_folder() / f"{artifact.manifest.artifact_sha256[:16]}-{self.device}.kernels"
        contexts = Contexts(trt, engine, logger, kernels)
        width, height = rounded(size, self.manifest.size_multiple)
        for _ in range(self.streams):
            lane = Lane(ready, contexts, logger)
            lane.prepare((count, height, width))
            self._lanes.put(lane)

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the engine; see `Engine.infer`. The outputs are used again once nobody holds them."""
        count, height, width = infrared.shape
        check_frames(self._artifact, (width, height), count)
        lane = self._lanes.get()
        try:
            return lane.run(visible, infrared, self._pool)
        finally:
            self._lanes.put(lane)


def _compile(parent: Artifact, settings: EngineSettings, size: tuple[int, int], count: int) -> Artifact:
    """The artifact for this GPU and these frames, from its ONNX parent, if that is allowed."""
    library: Library = "tensorrt" if importlib.util.find_spec("tensorrt") else "tensorrt_rtx"
    if not settings.rebuild:
        raise EngineError(
            f"{parent.path}: ONNX, which TensorRT compiles first: set engine.rebuild=true, or run `irvis export "
            f"{parent.manifest.name} --to {EXTRAS[library]} --size {size[0]}x{size[1]}`"
        )
    device = cuda.capability()
    precision = "fp16" if settings.precision == "auto" else settings.precision
    if precision == "int8":
        raise EngineError(
            "int8 was asked for, TensorRT artifacts are fp32, fp16 or bf16: set engine.precision=auto"
        )
    return rebuilt(parent, BuildPlan(library, precision, shapes=Shapes.only(size, count)), device)
