"""Networks that Torch-TensorRT compiled ahead of time, behind the contract that every artifact keeps."""

import threading
from collections.abc import Callable
from io import BytesIO
from pickle import UnpicklingError
from typing import Any, cast
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor

from irvis.engine import Artifact, Engine
from irvis.engine.artifact import open_artifact
from irvis.engine.tensorrt_checks import advice, check_device, check_frames, check_precision, check_version
from irvis.engine.tensorrt_library import load_library
from irvis.errors import EngineError, EngineUnavailable
from irvis.frame import Pixels
from irvis.settings import EngineSettings

FAILURES = (
    AssertionError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    UnpicklingError,
    ValueError,
)
"""What PyTorch raises for bytes that are no program."""


class ProgramEngine(Engine):
    """Runs a saved program on the GPU that it was compiled for; one caller at a time.

    Args:
        settings: Artifact and precision.
        size: Width and height of the frames to come [px].
        count: Of them at once.

    Raises:
        ConfigError: No artifact has this name.
        EngineUnavailable: torch-tensorrt is not installed, or there is no NVIDIA GPU.
        EngineError: The artifact is damaged, or was built for another GPU, version or frame size.
    """

    kind = "torch"

    def __init__(self, settings: EngineSettings, size: tuple[int, int], count: int = 1) -> None:
        artifact = open_artifact(settings.artifact, ("torch_tensorrt",))
        check_frames(artifact, size, count)
        check_precision(artifact, settings.precision)
        library = load_torch_tensorrt()
        check_version(artifact, library.__version__)
        self.device = gpu()
        check_device(artifact, self.device)
        self._run = read_program(artifact)
        self.manifest = artifact.manifest
        self.runtime = f"torch-tensorrt-{library.__version__}"
        self.precision = artifact.manifest.precision
        self._artifact = artifact
        self._lock = threading.Lock()

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the program; see `Engine.infer`."""
        count, height, width = infrared.shape
        check_frames(self._artifact, (width, height), count)
        given = [torch.from_numpy(np.ascontiguousarray(image)) for image in (visible, infrared)]
        try:
            with self._lock, torch.inference_mode():
                fused, labels = (result.cpu().numpy() for result in self._run(*(i.to("cuda") for i in given)))
        except RuntimeError as exc:
            raise EngineError(f"{self.fingerprint}: {str(exc).splitlines()[0]}") from exc
        return np.asarray(fused), np.asarray(labels)


def read_program(artifact: Artifact) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The network that a saved program is.

    Raises:
        EngineError: The bytes are no program.
    """
    try:
        return cast(Callable[..., tuple[Tensor, Tensor]], torch.export.load(BytesIO(artifact.data)).module())
    except FAILURES as exc:
        reason = (str(exc).splitlines() or [type(exc).__name__])[0]
        raise EngineError(f"{artifact.path}: not a saved program ({reason}); {advice(artifact)}") from exc


def load_torch_tensorrt() -> Any:
    """Import Torch-TensorRT, which also teaches PyTorch to load what it compiled.

    Raises:
        EngineUnavailable: It is not installed, or there is no NVIDIA GPU, without which it can't be imported.
    """
    if not torch.cuda.is_available():
        raise EngineUnavailable(
            f"torch-tensorrt compiles and runs on an NVIDIA GPU, and PyTorch {torch.__version__} sees none: "
            "pip install 'irvis[torch-tensorrt]' on a machine that has one"
        )
    return load_library("torch_tensorrt")


def gpu() -> str:
    """Compute capability of the GPU that PyTorch takes, for example sm89."""
    major, minor = torch.cuda.get_device_capability()
    return f"sm{major}{minor}"
