"""Images as Foxglove's messages have them: raw, as JPEG, or as H.264."""

from typing import TypeAlias

import cv2
import numpy as np
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.CompressedVideo_pb2 import CompressedVideo
from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from irvis.clock import NS_PER_S
from irvis.errors import RecordingError

from .video import VideoDecoder

Image: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
"""(H, W, 3) BGR uint8, (H, W) uint8 or (H, W) uint16."""

ENCODINGS: dict[str, tuple[np.dtype[np.generic], int]] = {
    "bgr8": (np.dtype("u1"), 3),
    "mono8": (np.dtype("u1"), 1),
    "mono16": (np.dtype("<u2"), 1),
}
"""Foxglove's name of a pixel format -> type and channels."""


def encode_raw(pixels: Image, frame_id: str, stamp_ns: int) -> bytes:
    """A `foxglove.RawImage`: every bit is kept."""
    channels = 3 if pixels.ndim == 3 else 1
    encoding = next(name for name, known in ENCODINGS.items() if known == (pixels.dtype, channels))
    message = RawImage(
        frame_id=frame_id,
        width=pixels.shape[1],
        height=pixels.shape[0],
        encoding=encoding,
        step=pixels.shape[1] * channels * pixels.itemsize,
        data=pixels.tobytes(),
    )
    message.timestamp.seconds, message.timestamp.nanos = divmod(stamp_ns, NS_PER_S)
    return message.SerializeToString()


def encode_jpeg(pixels: Image, frame_id: str, stamp_ns: int, quality: int) -> bytes:
    """A `foxglove.CompressedImage` of an 8-bit picture."""
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    message = CompressedImage(frame_id=frame_id, data=data.tobytes(), format="jpeg")
    message.timestamp.seconds, message.timestamp.nanos = divmod(stamp_ns, NS_PER_S)
    return message.SerializeToString()


class ImageDecoder:
    """Decodes the images of a file's channels, message by message in order."""

    def __init__(self) -> None:
        self._videos: dict[str, VideoDecoder] = {}

    def decode(self, channel: str, schema: str, data: bytes) -> Image | None:
        """The image in a message; None if its schema is none of images, or it is video that did not begin yet.

        Raises:
            RecordingError: It is damaged, or of a format that irvis does not write.
        """
        try:
            if schema == CompressedImage.DESCRIPTOR.full_name:
                return _decompress(CompressedImage.FromString(data))
            if schema == RawImage.DESCRIPTOR.full_name:
                return _unpack(RawImage.FromString(data))
            if schema == CompressedVideo.DESCRIPTOR.full_name:
                decoder = self._videos.setdefault(channel, VideoDecoder())
                return decoder.decode(CompressedVideo.FromString(data))
        except DecodeError as exc:
            raise RecordingError(f"an image can't be decoded ({exc}); is it from another program?") from exc
        return None


def _decompress(message: CompressedImage) -> Image:
    coded = np.frombuffer(message.data, np.uint8)
    pixels = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED) if coded.size else None
    if pixels is None:
        raise RecordingError(f"an image of format {message.format!r} can't be decoded; expected jpeg")
    return pixels.astype(np.uint8, copy=False)


def _unpack(message: RawImage) -> Image:
    dtype, channels = ENCODINGS.get(message.encoding, (None, 0))
    size = message.height * message.width * channels
    if dtype is None or len(message.data) != size * dtype.itemsize:
        raise RecordingError(
            f"an image of encoding {message.encoding!r} and {len(message.data)} bytes for {message.width}x"
            f"{message.height}: expected {', '.join(ENCODINGS)} without gaps between rows"
        )
    shape = (message.height, message.width, channels)[: 3 if channels > 1 else 2]
    pixels: Image = np.frombuffer(message.data, dtype).reshape(shape)
    return pixels
