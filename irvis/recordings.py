"""The configuration of recordings: MP4 files for people, MCAP files for programs."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from .config import Section
from .thermal import Palette
from .topics import Link

EncoderKind = Literal["auto", "nvenc", "qsv", "v4l2m2m", "software"]
Payload = Literal["lossless", "jpeg", "h264"]


class _Recording(Section):
    """What every recording has."""

    path: Path
    """Where the file goes; its folder is made."""
    encoder: EncoderKind = "auto"
    """What codes H.264: `auto` is the first of nvenc, qsv and v4l2m2m that really does here, or else software."""
    crf: int = Field(default=23, ge=0, le=51)
    """H.264's quality, in x264's measure: lower is better and larger."""
    part_s: Annotated[float, Field(gt=0)] | None = None
    """Begin another file after so long [s]; one file without."""
    part_bytes: int | None = Field(default=None, gt=0)
    """Begin another file at this size [bytes]; one file without."""
    reserve_bytes: int = Field(default=512 << 20, ge=0)
    """Stop recording, with files that are whole, while less is free on the disk [bytes]; the rest goes on."""
    link: Link = "lossless"
    """What the sink wants of its links."""


class VideoSink(_Recording):
    """An MP4 file."""

    kind: Literal["video"] = "video"
    layout: Literal["visible", "infrared", "fused", "overlay", "side_by_side"] = "side_by_side"
    """What a picture shows; side by side is infrared | visible over fused | overlay."""
    palette: Palette = "white_hot"
    """How the infrared is coloured where it is shown."""
    contact_sheet: Path | None = None
    """Also write a PNG with pictures from the whole recording."""


class Payloads(Section):
    """How the pictures of each topic are kept; one word means all three."""

    visible: Payload = "lossless"
    """How its pictures are kept; `payload: h264` means that for all three. Only lossless replays bit for bit."""
    infrared: Payload = "lossless"
    """The same for 8-bit pictures; 16-bit counts are always lossless."""
    fused: Payload = "lossless"
    """The same; labels are always lossless."""

    @model_validator(mode="before")
    @classmethod
    def _one_word_means_all(cls, given: Any) -> Any:
        return dict.fromkeys(cls.model_fields, given) if isinstance(given, str) else given


class McapSink(_Recording):
    """An MCAP file: what the cameras gave and what was made of it, for `irvis replay` and for Foxglove."""

    kind: Literal["mcap"] = "mcap"
    topics: tuple[Literal["visible", "infrared", "fused", "labels"], ...] = (
        "visible",
        "infrared",
        "fused",
        "labels",
    )
    """What is recorded; pair contracts are in any case."""
    payload: Payloads = Payloads()
    """How pictures are kept: lossless, jpeg or h264, by topic or one word for all."""
    jpeg_quality: int = Field(default=90, ge=1, le=100)
    """Of jpeg payloads."""
    compression: Literal["none", "lz4", "zstd"] = "lz4"
    """Of the file's chunks; zstd saves about a fifth of lossless pictures, for five times the processor time."""
