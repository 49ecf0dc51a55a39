"""The PyTorch engine: the network itself behind the contract that every artifact keeps; reference and fallback."""

import contextlib
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from irvis.engine import Engine, Manifest
from irvis.errors import ConfigError, EngineError, EngineUnavailable
from irvis.frame import Pixels
from irvis.settings import EngineSettings

from .model import FusionSegmentation, build
from .segmentation import CLASSES

Mode = Literal["eager", "compile", "graphs"]
NARROW = {"fp16": torch.float16, "bf16": torch.bfloat16}
Network = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class TorchEngine(Engine):
    """Runs the uint8 graph; one caller at a time.

    Args:
        model: Trained.
        name: What to call it.
        device: `cpu` or `cuda`.
        precision: fp32, or fp16 or bf16 for what autocast narrows.
        mode: As it is, through torch.compile, or recorded as a CUDA graph, of which the newest shape's is kept.

    Raises:
        EngineUnavailable: There is no GPU for what was asked.
    """

    kind = "torch"

    def __init__(
        self,
        model: FusionSegmentation,
        name: str,
        *,
        device: Literal["cpu", "cuda"] = "cpu",
        precision: Literal["fp32", "fp16", "bf16"] = "fp32",
        mode: Mode = "eager",
    ) -> None:
        if mode == "graphs" and device != "cuda":
            raise EngineUnavailable("CUDA graphs need an NVIDIA GPU: set engine.torch_mode=eager")
        digest = weights_sha256(model)
        self._model = model.eval().to(device)
        self._run: Network = torch.compile(self._model) if mode == "compile" else self._model
        self._graph: _Graph | None = None
        self._mode = mode
        self._lock = threading.Lock()
        self.runtime = f"torch-{torch.__version__}" + ("" if mode == "eager" else f"-{mode}")
        self.device = "CPU" if device == "cpu" else torch.cuda.get_device_name().replace(" ", "-")
        self.precision = precision
        self._place = torch.device(device)
        self.manifest = Manifest(
            name=name,
            kind="torch",
            network="CMDFC",
            artifact_sha256=digest,
            weights_sha256=digest,
            classes=list(CLASSES),
            size_multiple=model.size_multiple,
            precision="fp32",
            opset=0,
        )

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the network; see `Engine.infer`."""
        given = [torch.from_numpy(np.ascontiguousarray(image)) for image in (visible, infrared)]
        narrow = NARROW.get(self.precision)
        # Weights that autocast keeps narrowed end with it; a recorded graph would go on reading their memory.
        keeps = self._mode != "graphs"
        autocast = (
            torch.autocast(self._place.type, narrow, cache_enabled=keeps) if narrow else contextlib.nullcontext()
        )
        try:
            with self._lock, torch.inference_mode(), autocast:
                fused, labels = self._replay(*given) if self._mode == "graphs" else self._straight(*given)
        except RuntimeError as exc:
            raise EngineError(f"{self.fingerprint}: {str(exc).splitlines()[0]}") from exc
        return fused, labels

    def _straight(self, visible: Tensor, infrared: Tensor) -> tuple[Pixels, Pixels]:
        fused, labels = self._run(visible.to(self._place), infrared.to(self._place))
        return np.asarray(fused.cpu().numpy()), np.asarray(labels.cpu().numpy())

    def _replay(self, visible: Tensor, infrared: Tensor) -> tuple[Pixels, Pixels]:
        if self._graph is None or self._graph.shape != infrared.shape:
            self._graph = None  # what it holds is let go before as much is taken again
            self._graph = _Graph(self._run, visible.to(self._place), infrared.to(self._place))
        return self._graph(visible, infrared)


class _Graph:
    """A network recorded on the GPU for one shape, with the inputs and outputs that it reads and writes."""

    def __init__(self, network: Network, visible: Tensor, infrared: Tensor) -> None:
        self.shape = infrared.shape
        self._inputs = (visible, infrared)
        beside = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # PyTorch's own omission
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(3):  # what is chosen and allocated lazily must not be recorded
                network(visible, infrared)
        beside.synchronize()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._outputs = network(visible, infrared)

    def __call__(self, visible: Tensor, infrared: Tensor) -> tuple[Pixels, Pixels]:
        for own, given in zip(self._inputs, (visible, infrared), strict=True):
            own.copy_(given)
        self._graph.replay()
        fused, labels = (output.cpu().numpy() for output in self._outputs)
        return np.asarray(fused), np.asarray(labels)


def open_torch(settings: EngineSettings, size: tuple[int, int], count: int = 1) -> Engine:
    """The engine of a checkpoint, on the GPU where there is one, or of a program that Torch-TensorRT compiled.

    `fusion.pt+segmenter.pt` is both networks; a program is a .pt2 with its manifest.

    Raises:
        ConfigError: The artifact is neither of them, or int8 was asked for.
        DataError: A checkpoint can't be read.
        EngineUnavailable: There is no GPU for what was asked.
        EngineError: The program is damaged or of another machine.
    """
    if settings.artifact.endswith(".pt2"):
        from .program import ProgramEngine

        return ProgramEngine(settings, size, count)
    paths = [Path(part).expanduser() for part in settings.artifact.split("+")]
    if len(paths) > 2 or not all(path.suffix in (".pt", ".pth") for path in paths):
        raise ConfigError(
            f"artifact {settings.artifact}: torch runs the network's checkpoint and no graph: give it what `irvis "
            "train` wrote, for example runs/nano_joint/checkpoint.pt (fusion.pt+segmenter.pt where they are two), "
            "or a program of torch-tensorrt, .pt2"
        )
    if settings.precision == "int8":
        raise ConfigError("engine.precision=int8: torch computes in fp32, fp16 or bf16")
    device: Literal["cpu", "cuda"] = "cuda" if torch.cuda.is_available() else "cpu"
    usual: Literal["fp32", "fp16"] = "fp16" if device == "cuda" else "fp32"
    return TorchEngine(
        build(paths[0], paths[1] if len(paths) == 2 else None),
        paths[0].resolve().parent.name,
        device=device,
        precision=usual if settings.precision == "auto" else settings.precision,
        mode=settings.torch_mode,
    )


def weights_sha256(model: FusionSegmentation) -> str:
    """Of all weights and buffers, in the order of their names."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
