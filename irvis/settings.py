"""The sections of a pipeline's configuration: one YAML describes one system, each node reads its part."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from .config import Section
from .faults import Faults
from .inputs import CameraSource as CameraSource
from .inputs import FileSource as FileSource
from .inputs import FolderSource as FolderSource
from .inputs import ReplaySource as ReplaySource
from .inputs import Source as Source
from .inputs import SyntheticSource as SyntheticSource
from .operation import Endpoints as Endpoints
from .operation import Health as Health
from .operation import Security as Security
from .operation import Supervision as Supervision
from .recordings import EncoderKind as EncoderKind
from .recordings import McapSink as McapSink
from .recordings import VideoSink as VideoSink
from .thermal import Palette
from .topics import Link

Positive = Annotated[float, Field(gt=0)]


class Capture(Section):
    """How frames enter."""

    pace: float = Field(default=1.0, ge=0)
    """Media seconds per second for files and synthetic sources; 0 is as fast as the next node takes frames. A
    source that is too slow for it leaves frames out on `latest` links, and is late with all on `lossless` ones."""
    start_ns: int | None = Field(default=None, ge=0)
    """Stamp of media time zero [ns, Unix epoch]; the node's start without. Set it where two hosts play files."""
    size: tuple[int, int] | None = None
    """Width and height [px] to which visible frames are scaled at the source; their own without."""


class Sync(Section):
    """How infrared and visible frames are paired; see `pipeline.fusion.sync`."""

    by: Literal["stamp", "trigger"] = "stamp"
    """What makes a pair: stamps close to each other, or the same trigger pulse where cameras number them."""

    link: Link = "latest"
    """What the fusion node wants of the camera links: live cameras `latest`, files `lossless`."""
    slop_ms: Positive = 20.0
    """Largest infrared-to-visible skew of a live pair [ms]."""
    queue_size: int = Field(default=8, gt=0)
    """Frames of each camera that may wait for their match."""
    wait_ms: Positive = 150.0
    """How long a visible frame may wait for its infrared at most [ms of wall clock]; less where the infrared's
    usual latency says that it won't come any more. On lossless links it waits on."""
    hold_ms: Annotated[float, Field(ge=0)] = 250.0
    """How long the last infrared frame may be repeated [ms of stamps]; 0 never repeats."""
    on_lost: Literal["visible_only", "drop"] = "visible_only"
    """What becomes of visible frames without infrared, and the reverse: flagged and shown alone, or dropped."""
    silence_ms: Positive = 500.0
    """How long the visible camera may be silent [ms of wall clock] before infrared frames are shown alone, or
    stubs where that camera is silent too; on `latest` links."""
    stale_ms: Positive = 2000.0
    """Frames older than that when they arrive [ms since capture] are dropped; on `latest` links."""


EngineKind = Literal["auto", "onnx", "openvino", "tensorrt", "torch", "average"]


class EngineSettings(Section):
    """Which network runs, and how."""

    artifact: str = "cmdfc-nano"
    """A shipped artifact's name or a path."""
    kind: EngineKind = "auto"
    """`auto` times what can run here and takes the fastest; `average` needs no network."""
    precision: Literal["auto", "fp32", "fp16", "bf16", "int8"] = "auto"
    """Arithmetic inside the runtime; `auto` is the artifact's own; for OpenVINO the faster of fp32 and
    bf16 where the processor has both."""
    rebuild: bool = False
    """Let `tensorrt` compile an ONNX artifact for this GPU and frame size into a cache; refused without."""
    torch_mode: Literal["eager", "compile", "graphs"] = "eager"
    """How `torch` runs its checkpoint: as it is, through torch.compile, or as a CUDA graph."""
    threads: int | None = Field(default=None, gt=0)
    """Processor threads for inference; the runtime's own choice without."""
    streams: int = Field(default=2, gt=0)
    """Frames in the engine at once, threads divided among them: more frames per second, each a little later."""


class Fuse(Section):
    """What the fusion node publishes."""

    carry_inputs: bool = True
    """Send the visible and the aligned infrared along, for sinks and viewers that show them."""


class WindowSink(Section):
    """A window on this machine's screen."""

    kind: Literal["window"] = "window"
    layout: Literal["visible", "infrared", "fused", "overlay", "side_by_side"] = "side_by_side"
    """What the window shows first; its keys are those of the page: 1 to 4, A and others."""
    palette: Palette = "white_hot"
    """How the infrared is coloured where it is shown."""
    optional: bool = True
    """Go without where there is no screen; otherwise that is an error."""
    link: Link = "latest"
    """What the sink wants of its link."""


class WebSink(Section):
    """A page for browsers, with the live stream."""

    kind: Literal["web"] = "web"
    host: str = "127.0.0.1"
    """Address to listen at; anything but loopback asks browsers for the token. 0.0.0.0 is every network."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen at; 0 takes a free one, which is logged."""
    token: str | None = Field(default=None, min_length=8)
    """What browsers must show; where one is needed and none is given, it is made up and logged."""
    jpeg_quality: int = Field(default=80, ge=1, le=100)
    """Of the pictures that browsers get."""
    recordings: Path = Path("runs/recordings")
    """Folder of the recordings that are started on the page."""
    link: Literal["latest"] = "latest"
    """A browser always gets the newest frame or nothing."""


class RerunSink(Section):
    """Rerun's viewer; needs the viewer extra."""

    kind: Literal["rerun"] = "rerun"
    url: str = "rerun+http://127.0.0.1:9876/proxy"
    """Where the viewer listens: start `rerun` there."""
    path: Path | None = None
    """Write an .rrd file for it instead."""
    jpeg_quality: int = Field(default=80, ge=1, le=100)
    """Of the pictures that it gets."""
    link: Link = "latest"
    """What the sink wants of its link."""


Sink = Annotated[VideoSink | McapSink | WindowSink | WebSink | RerunSink, Field(discriminator="kind")]


class Align(Section):
    """How the infrared is laid on the visible, and the watch on it."""

    plane_m: Positive | Literal["follow"] | None = None
    """Distance at which the pictures lie on each other [m]; the rig's own without, `follow` moves it with what is
    seen. Both need a rig with lenses and pose."""
    refine: bool = False
    """Correct the shift and scale that are left between the pictures, once they are sure."""
    alarm_px: Positive = 4.0
    """Misalignment of the corners above which an alarm is raised and the infrared's fine detail is faded [px]."""
    interval_s: Positive = 1.0
    """Time between two estimates [s]; ten times as long while they agree."""


class PipelineConfig(Section):
    """One system: two sources, the fusion between, the sinks."""

    visible: Source
    """The visible camera."""
    infrared: Source
    """The infrared camera."""
    capture: Capture = Capture()
    """How frames enter."""
    sync: Sync = Sync()
    """How they are paired."""
    rig: Path | None = None
    """rig.yaml: how infrared pixels lie on visible ones; scaled to the visible's size without."""
    align: Align = Align()
    """How that is watched and corrected."""
    engine: EngineSettings = EngineSettings()
    """Which network runs."""
    fuse: Fuse = Fuse()
    """What the fusion node publishes."""
    sinks: list[Sink] = Field(default_factory=list)
    """Where fused frames go; at most one of each kind."""
    endpoints: Endpoints = Field(default_factory=Endpoints)
    """Where the topics are."""
    security: Security = Security()
    """Who may connect to them."""
    health: Health = Health()
    """Where they tell how they are."""
    supervision: Supervision = Supervision()
    """How `irvis run` looks after its nodes."""
    faults: Faults = Faults()
    """What is to go wrong, for trying out what happens then."""
