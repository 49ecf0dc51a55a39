"""The Rerun sink: fused frames, labels and the pair contract in Rerun's viewer or in a file for it."""

import importlib
import logging
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np

from irvis.clock import NS_PER_MS
from irvis.frame import FusedFrame, InfraredState, PairContract, Pixels
from irvis.overlay import CLASSES
from irvis.settings import PipelineConfig, RerunSink
from irvis.timing import DropCounter

from .base import Sink
from .node import SinkNode

log = logging.getLogger(__name__)

FLUSH_S = 5.0
PLOTS = {"latency_ms": "latency [ms]", "skew_ms": "skew [ms]", "dropped": "dropped"}
LEVELS = {InfraredState.LIVE: "INFO", InfraredState.HELD: "WARN", InfraredState.LOST: "ERROR"}
"""As Rerun colours its log."""


class RerunStream(Sink):
    """Logs each frame at the time of its stamp, and the cameras' state when it changes; lays out the viewer.

    Rerun keeps what it is sent in memory: for hours of video use a recording.

    Args:
        settings: Where to.
    """

    done: ClassVar[str] = "shown"

    def __init__(self, settings: RerunSink) -> None:
        self.dropped = DropCounter()
        self._rerun: Any = importlib.import_module("rerun")
        self._quality = settings.jpeg_quality
        self._said = ""
        self._stream = self._rerun.RecordingStream("irvis")
        if settings.path:
            Path(settings.path).parent.mkdir(parents=True, exist_ok=True)
            self._stream.save(settings.path, default_blueprint=_layout())
        else:
            self._stream.connect_grpc(settings.url, default_blueprint=_layout())
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
        self._say(contract)
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

    def _say(self, contract: PairContract) -> None:
        state = contract.infrared_state
        said = f"visible lost, infrared {state}" if contract.visible_lost else f"infrared {state}"
        if said != self._said:
            level = "ERROR" if contract.visible_lost else LEVELS[state]
            self._stream.log("health/cameras", self._rerun.TextLog(said, level=level))
        self._said = said


def _layout() -> Any:
    """The four views as everywhere else, the plots below them; without it the viewer lays all on one another."""
    views: Any = importlib.import_module("rerun.blueprint")
    pictures = [
        views.Spatial2DView(origin=name, contents=name, name=name) for name in ("infrared", "visible", "fused")
    ]
    pictures.append(views.Spatial2DView(origin="fused", name="overlay"))
    plots = [views.TimeSeriesView(origin=f"health/{name}", name=said) for name, said in PLOTS.items()]
    plots.append(views.TextLogView(origin="health/cameras", name="cameras"))
    rows = views.Grid(*pictures, grid_columns=2), views.Horizontal(*plots)
    return views.Blueprint(views.Vertical(*rows, row_shares=[4, 1]), collapse_panels=True)


class RerunNode(SinkNode[RerunSink]):
    """Sends the fused stream to Rerun."""

    name = "rerun"
    section_type = RerunSink

    def open(self, section: RerunSink, config: PipelineConfig) -> RerunStream:
        """Connect, now or when the viewer appears."""
        return RerunStream(section)
