"""Where pictures come from: a section for each kind of source."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from .config import Section
from .scene import SceneConfig
from .thermal import Thermal

Positive = Annotated[float, Field(gt=0)]


class FileSource(Section):
    """A video file."""

    kind: Literal["file"] = "file"
    path: Path
    """Any file that FFmpeg decodes."""
    loop: bool = False
    """Begin again at the end, with stamps that go on."""


class FolderSource(Section):
    """A folder of images, in the order of their names, or one image."""

    kind: Literal["folder"] = "folder"
    path: Path
    """PNG, JPEG, WebP, BMP or TIFF files, or one of them; infrared ones may have 16 bits."""
    fps: Positive = 25.0
    """Frames per second that the stamps say."""
    loop: bool = False
    """Begin again at the end, with stamps that go on."""
    thermal: Thermal = Thermal()
    """How 16-bit infrared images become brightness."""


class CameraSource(Section):
    """A V4L2 or UVC device, or an RTSP or HTTP stream, through OpenCV."""

    kind: Literal["camera"] = "camera"
    device: int | str
    """Device number, device path or stream URL."""
    width: int | None = Field(default=None, gt=0)
    """Width to ask the device for [px]."""
    height: int | None = Field(default=None, gt=0)
    """Height to ask the device for [px]."""
    fps: Positive | None = None
    """Rate to ask the device for [Hz]."""
    pixel_format: Literal["MJPG", "YUYV", "Y16"] | None = None
    """Format to ask the device for; Y16 is that of 16-bit thermal cameras."""
    thermal: Thermal = Thermal()
    """How the counts of a Y16 camera become brightness."""
    timeout_s: Positive = 5.0
    """How long to wait for a frame before the camera counts as failed [s]."""
    reconnect: bool = True
    """Open a camera again that fails after its first frame, until it is back; otherwise its stream ends."""
    frozen_ms: Annotated[float, Field(ge=0)] | None = None
    """How long a picture may stay the same to the bit before the camera counts as frozen [ms]; without, 2000 for
    visible and 0 for infrared cameras, whose noise never repeats."""

    @property
    def is_thermal(self) -> bool:
        """Whether it gives 16-bit counts."""
        return self.pixel_format == "Y16"


class ReplaySource(Section):
    """One camera of an MCAP recording, with the stamps that its frames had."""

    kind: Literal["replay"] = "replay"
    path: Path | tuple[Path, ...]
    """A recording with this camera's topic; the parts of one in a list, or a folder that holds nothing else."""
    seek_s: Annotated[float, Field(ge=0)] = 0.0
    """Begin so long after the recording's first frame [s]."""
    loop: bool = False
    """Begin again at the end, with stamps that go on."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its files and folders."""
        return (self.path,) if isinstance(self.path, Path) else self.path


class SyntheticSource(Section):
    """One eye of the synthetic dual-camera scene; give both sources the same scene."""

    kind: Literal["synthetic"] = "synthetic"
    scene: SceneConfig = SceneConfig()
    """The world and its two cameras."""
    fps: Positive = 25.0
    """Frames per second."""
    duration_s: Positive | None = None
    """How long the stream lasts [s]; endless without."""
    prerender: int = Field(default=0, ge=0)
    """Render this many frames beforehand and repeat them, so that a benchmark times no drawing; 0 draws live."""


Source = Annotated[
    FileSource | FolderSource | CameraSource | ReplaySource | SyntheticSource, Field(discriminator="kind")
]
