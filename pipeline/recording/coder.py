"""What frames become on the channels of one file."""

from collections.abc import Iterator

import numpy as np

from irvis.frame import Frame, FusedFrame
from irvis.settings import McapSink
from irvis.timing import DropCounter

from . import plain_json
from .channels import (
    CAMERAS,
    CONTRACT,
    CONTRACT_SCHEMA,
    COUNTS,
    FUSED,
    JPEG_SCHEMA,
    LABELS,
    META,
    META_SCHEMA,
    RAW_SCHEMA,
    VIDEO_SCHEMA,
    ContractMessage,
    Entry,
    FrameMeta,
    SchemaInfo,
)
from .images import Image, encode_jpeg, encode_raw
from .video import VideoCoder


class FrameCoder:
    """Makes the entries of one file, by the sink's settings.

    Args:
        settings: Which topics, and how their pictures are kept.
        dropped: Counts pictures that are left out.

    Raises:
        ConfigError: The encoder does not work here.
    """

    def __init__(self, settings: McapSink, dropped: DropCounter) -> None:
        payloads = settings.payload.model_dump()
        self._settings = settings
        self._dropped = dropped
        self._jpegs = {f"/{topic}" for topic, payload in payloads.items() if payload == "jpeg"}
        self._videos = {
            f"/{topic}": VideoCoder(settings, dropped)
            for topic, payload in payloads.items()
            if payload == "h264" and topic in settings.topics
        }

    def entries(self, message: Frame | FusedFrame, chunk: int) -> Iterator[Entry]:
        """What is recorded of a frame.

        Args:
            message: The frame.
            chunk: Number of the file's chunk in the making.

        Raises:
            RecordingError: A picture can't be coded.
        """
        if isinstance(message, Frame):
            return self._of_camera(message, chunk)
        return self._of_fusion(message, chunk)

    def waiting(self, channel: str) -> int:
        """How many entries of a channel an encoder still holds."""
        return self._videos[channel].waiting if channel in self._videos else 0

    def finish(self) -> Iterator[Entry]:
        """The entries that encoders still hold.

        Raises:
            RecordingError: They can't be coded.
        """
        for video in self._videos.values():
            yield from video.finish()

    def _of_camera(self, frame: Frame, chunk: int) -> Iterator[Entry]:
        name = f"/{frame.modality}"
        yield from self._picture(name, frame.pixels, frame, chunk)
        if frame.counts is not None:
            yield from self._picture(COUNTS, frame.counts, frame, chunk)
        said = FrameMeta(frame.stamp_ns, frame.captured_ns, frame.seq, frame.stream_id, frame.trigger)
        yield _entry(name + META, META_SCHEMA, plain_json.encode(said), frame)

    def _of_fusion(self, frame: FusedFrame, chunk: int) -> Iterator[Entry]:
        for name, pixels in ((FUSED, frame.fused), (LABELS, frame.labels)):
            if frame.contract.is_stub and name in self._videos:
                self._dropped["stub"] += 1  # stamped now, it would put those of a camera that lags out of order
            elif name[1:] in self._settings.topics:
                yield from self._picture(name, pixels, frame, chunk)
        said = ContractMessage(
            frame.stamp_ns, frame.captured_ns, frame.published_ns, frame.seq, frame.stream_id, frame.contract
        )
        yield _entry(CONTRACT, CONTRACT_SCHEMA, plain_json.encode(said), frame)

    def _picture(self, name: str, pixels: Image, of: Frame | FusedFrame, chunk: int) -> Iterator[Entry]:
        if name in self._videos:
            picture = pixels.astype(np.uint8, copy=False)
            yield from self._videos[name].add(_entry(name, VIDEO_SCHEMA, b"", of), picture, chunk)
        elif name in self._jpegs:
            data = encode_jpeg(pixels, CAMERAS[name], of.stamp_ns, self._settings.jpeg_quality)
            yield _entry(name, JPEG_SCHEMA, data, of)
        else:
            yield _entry(name, RAW_SCHEMA, encode_raw(pixels, CAMERAS[name], of.stamp_ns), of)


def _entry(channel: str, schema: SchemaInfo, data: bytes, of: Frame | FusedFrame) -> Entry:
    published_ns = of.captured_ns if isinstance(of, Frame) else of.published_ns
    return Entry(channel, schema, data, of.stamp_ns, published_ns, of.seq)
