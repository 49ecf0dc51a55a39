"""Fusion and segmenter each where it comes from, one after the other: what one graph of both is held against."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import ModelProto

from cmdfc.model import FusionSegmentation
from cmdfc.segmentation import Segmenter, label_map
from irvis.engine import Engine, Manifest
from irvis.frame import Pixels

from .cut import LEVELS

Levels: TypeAlias = NDArray[np.float32]
"""(N, H, W, 3) BGR in 0..255: the fused picture before it is rounded."""
Fuse: TypeAlias = Callable[[Pixels, Pixels], Levels]
Label: TypeAlias = Callable[[Levels], Pixels]


class Apart(Engine):
    """Two networks, in PyTorch or as graphs of their own in ONNX Runtime.

    Args:
        manifest: Of the artifact that is to have both.
        fuse: Visible (N, H, W, 3) and infrared (N, H, W) to the fused picture.
        label: That to labels (N, H, W).
    """

    kind = "apart"
    runtime = "two networks"
    device = "CPU"
    precision = "fp32"

    def __init__(self, manifest: Manifest, fuse: Fuse, label: Label) -> None:
        self.manifest = manifest
        self._fuse = fuse
        self._label = label

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run both; see `Engine.infer`."""
        levels = self._fuse(visible, infrared)
        return (levels + np.float32(0.5)).clip(0, 255).astype(np.uint8), self._label(levels)


def fuse_in_torch(model: FusionSegmentation) -> Fuse:
    """The fusion of a checkpoint."""

    def fuse(visible: Pixels, infrared: Pixels) -> Levels:
        with torch.inference_mode():
            levels = model.levels(torch.from_numpy(visible), torch.from_numpy(infrared))
        return np.asarray(levels.numpy())

    return fuse


def label_in_torch(segmenter: Segmenter) -> Label:
    """The segmenter of a checkpoint."""

    def label(levels: Levels) -> Pixels:
        with torch.inference_mode():
            scores, _ = segmenter(torch.from_numpy(levels).permute(0, 3, 1, 2))
            return np.asarray(label_map(scores).numpy())

    return label


def fuse_in_onnx(graph: ModelProto) -> Fuse:
    """The fusion of an artifact, as `export.cut.fusion_of` gives it."""
    session = _session(graph)
    return lambda visible, infrared: session.run([LEVELS], {"visible": visible, "infrared": infrared})[0]


def label_in_onnx(graph: ModelProto) -> Label:
    """The segmenter of an artifact, as `export.cut.segmenter_of` gives it."""
    session = _session(graph)
    return lambda levels: session.run(["labels"], {LEVELS: levels})[0]


def _session(graph: ModelProto) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
