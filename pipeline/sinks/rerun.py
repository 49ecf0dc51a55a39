"""The Rerun sink: fused frames, labels and the pair contract in Rerun's viewer or in a file for it."""

import importlib
import logging
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np

from irvis.clock import NS_PER_MS
from irvis.frame import FusedFrame, Pixels
from irvis.overlay import CLASSES
from irvis.settings import PipelineConfig, RerunSink
from irvis.timing import DropCounter

from .base import Sink
from .node import SinkNode

log = logging.getLogger(__name__)

FLUSH_S = 5.0


class RerunStream(Sink):
    """Logs each frame at the time of its stamp.

    Rerun keeps what it is sent in memory: for hours of video use a recording.

    Args:
        settings: Where to.
    """

    done: ClassVar[str] = "shown"

    def __init__(self, settings: RerunSink) -> None:
        self.dropped = DropCounter()
        self._rerun: Any = importlib.import_module("rerun")
        self._quality = settings.jpeg_quality
        self._stream = self._rerun.RecordingStream("irvis")
        if settings.path:
            Path(settings.path).parent.mkdir(parents=True, exist_ok=True)
            self._stream.save(settings.path)
        else:
            self._stream.connect_grpc(settings.url)
        infos = [
            self._rerun.AnnotationInfo(id=label, label=name, color=colour[::-1] if label else (0, 0, 0, 0))
            for label, (name, colour) in enumerate(CLASSES)
        ]
        self._stream.log("/", self._rerun.AnnotationContext(infos), static=True)

    def take(self, frame: FusedFrame) -> bool:
        """Log one frame."""
        self._stream.set_time("time", timestamp=np.datetime64(frame.stamp_ns, "ns"))
        self._picture("fused", frame.fused)
        self._stream.log("fused/labels", self._rerun.SegmentationImage(frame.labels, opacity=0.4))
        if frame.visible is not None and frame.infrared is not None:
            self._picture("visible", frame.visible)
            self._picture("infrared", frame.infrared)
        contract = frame.contract
        self._number("latency_ms", (frame.published_ns - frame.captured_ns) / NS_PER_MS)
        if contract.skew_ns is not None:
            self._number("skew_ms", contract.skew_ns / NS_PER_MS)
        self._number("dropped", sum(contract.dropped.values()))
        self._stream.log("health/infrared", self._rerun.TextLog(contract.infrared_state.value))
        return True

    def close(self) -> None:
        """Send what is still held."""
        self._stream.flush(timeout_sec=FLUSH_S)
        self._stream.disconnect()

    def _picture(self, name: str, pixels: Pixels) -> None:
        _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
        image = self._rerun.EncodedImage(contents=data.tobytes(), media_type="image/jpeg")
        self._stream.log(name, image)

    def _number(self, name: str, value: float) -> None:
        self._stream.log(f"health/{name}", self._rerun.Scalars(value))


class RerunNode(SinkNode[RerunSink]):
    """Sends the fused stream to Rerun."""

    name = "rerun"
    section_type = RerunSink

    def open(self, section: RerunSink, config: PipelineConfig) -> RerunStream:
        """Connect, now or when the viewer appears."""
        return RerunStream(section)
