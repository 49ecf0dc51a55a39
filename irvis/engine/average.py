"""The engine without a network: the mean of both pictures, for trying a pipeline out and for testing one."""

import cv2
import numpy as np

from ..frame import Pixels
from ..settings import EngineSettings
from .base import Engine
from .manifest import Manifest

_NONE = "0" * 64


class AverageEngine(Engine):
    """Per-pixel mean of the infrared and the visible; every label is 0.

    Args:
        settings: Only the kind matters.
        size: Any.
        count: Any.
    """

    kind = "average"
    runtime = f"opencv-{cv2.__version__}"
    device = "CPU"
    precision = "uint8"

    def __init__(self, settings: EngineSettings, size: tuple[int, int], count: int = 1) -> None:
        del settings, size, count
        self.manifest = Manifest(
            name="average",
            kind="average",
            network="mean of infrared and visible",
            artifact_sha256=_NONE,
            weights_sha256=_NONE,
            classes=["background"],
            size_multiple=1,
            precision="uint8",
            opset=0,
        )

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """The mean of each pair; see `Engine.infer`."""
        fused = np.empty_like(visible)
        for vis, ir, out in zip(visible, infrared, fused, strict=True):
            cv2.addWeighted(vis, 0.5, cv2.cvtColor(ir, cv2.COLOR_GRAY2BGR), 0.5, 0.0, dst=out)
        return fused, np.zeros(infrared.shape, np.uint8)
