"""Which engines are installed here, on which device and in which precisions, and what the others lack."""

import importlib.util
from importlib.metadata import version
from typing import NamedTuple

import cv2

from ..errors import EngineUnavailable
from .cuda import capability
from .openvino import native_precisions
from .tensorrt_library import EXTRAS, Library, load_library


class Presence(NamedTuple):
    """One engine.

    Attributes:
        kind: As `engine.kind` takes it.
        runtime: Library and version; only the library's name where it is not installed.
        device: What it runs on here; empty where nothing will do.
        precisions: Of its arithmetic there.
        lacks: What keeps it from running, with the line that ends it; empty where it runs.
    """

    kind: str
    runtime: str
    device: str = ""
    precisions: tuple[str, ...] = ()
    lacks: str = ""


def present() -> list[Presence]:
    """Every engine of the table, TensorRT and torch once for each of their libraries; no network is loaded."""
    return [
        Presence("average", f"opencv-{cv2.__version__}", "CPU", ("uint8",)),
        _onnx(),
        _openvino(),
        _tensorrt("tensorrt"),
        _tensorrt("tensorrt_rtx"),
        _torch(),
        _torch_tensorrt(),
    ]


def _onnx() -> Presence:
    import onnxruntime

    device = "CUDA" if "CUDAExecutionProvider" in onnxruntime.get_available_providers() else "CPU"
    return Presence("onnx", f"onnxruntime-{onnxruntime.__version__}", device, ("fp32", "fp16"))


def _openvino() -> Presence:
    import openvino

    precisions = (*native_precisions(), "int8")
    return Presence("openvino", f"openvino-{openvino.__version__.split('-')[0]}", "CPU", precisions)


def _tensorrt(library: Library) -> Presence:
    name = EXTRAS[library]
    try:
        runtime = f"{name}-{load_library(library).__version__}"
    except EngineUnavailable:
        return Presence("tensorrt", name, lacks=f"pip install 'irvis[{name}]', and an NVIDIA GPU")
    try:
        return Presence("tensorrt", runtime, capability(), ("fp32", "fp16", "bf16"))
    except EngineUnavailable as exc:
        return Presence("tensorrt", runtime, lacks=str(exc))


def _torch() -> Presence:
    if importlib.util.find_spec("torch") is None:
        return Presence("torch", "torch", lacks="pip install 'irvis[train]'")
    installed = version("torch")
    try:
        device = "CPU" if installed.endswith("+cpu") else capability()
    except EngineUnavailable:
        device = "CPU"
    return Presence("torch", f"torch-{installed}", device, ("fp32", "bf16", "fp16"))


def _torch_tensorrt() -> Presence:
    name = EXTRAS["torch_tensorrt"]
    if importlib.util.find_spec("torch_tensorrt") is None:  # to import it would load torch
        return Presence("torch", name, lacks=f"pip install 'irvis[{name}]', and an NVIDIA GPU")
    runtime = f"{name}-{version('torch-tensorrt')}"
    try:
        return Presence("torch", runtime, capability(), ("fp16", "fp32", "bf16"))
    except EngineUnavailable as exc:
        return Presence("torch", runtime, lacks=str(exc))
