"""One channel's pictures as H.264, each message a picture of its own, as Foxglove's CompressedVideo has them."""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from foxglove_schemas_protobuf.CompressedVideo_pb2 import CompressedVideo
from google.protobuf.message import DecodeError

from irvis.clock import NS_PER_S
from irvis.errors import RecordingError
from irvis.frame import Pixels
from irvis.settings import McapSink
from irvis.timing import DropCounter

from ..storage.h264 import USUAL_FPS, find_encoder, frame_of, is_entry_point, picture_of, set_up
from .channels import CAMERAS, Entry

VIDEO = CompressedVideo.DESCRIPTOR.full_name
"""Name of the schema."""
KEYFRAMES_APART_NS = 400_000_000
"""A chunk that begins so long after the last keyframe begins with one."""


class VideoCoder:
    """Codes the pictures of one channel.

    Keyframes are the first pictures of chunks, so that a reader that jumps there, or has lost the chunk before it,
    can begin. Where the size changes, the video begins again. Readers go by stamps: a picture that is not later
    than the one before would spoil those that are coded by it, and is left out as `out_of_order`.

    Args:
        settings: Quality and encoder.
        dropped: Counts pictures that are left out.

    Raises:
        ConfigError: The encoder does not work here.
    """

    def __init__(self, settings: McapSink, dropped: DropCounter) -> None:
        self._settings = settings
        self._dropped = dropped
        self._shape: tuple[int, ...] | None = None
        self._chunk = self._last_ns = -1
        self._frames = self._keyframe_ns = 0
        self._waiting = deque[Entry]()
        find_encoder(settings.encoder, in_band=True)

    def add(self, entry: Entry, picture: Pixels, chunk: int) -> Iterator[Entry]:
        """Code a picture; gives the entries that are ready, usually this one.

        Args:
            entry: Of the picture, without its data.
            picture: (H, W, 3) BGR or (H, W) uint8.
            chunk: Number of the chunk in the making.

        Raises:
            RecordingError: It can't be coded.
        """
        if entry.stamp_ns <= self._last_ns:
            self._dropped["out_of_order"] += 1
            return
        self._last_ns = entry.stamp_ns
        if picture.shape != self._shape:
            yield from self.finish()
            self._open(picture, entry.stamp_ns)
        is_due = entry.stamp_ns - self._keyframe_ns >= KEYFRAMES_APART_NS
        is_keyframe = self._frames == 0 or (is_due and chunk != self._chunk)
        self._chunk = chunk
        if is_keyframe:
            self._keyframe_ns = entry.stamp_ns
        frame = frame_of(picture, self._frames * NS_PER_S // USUAL_FPS, is_keyframe=is_keyframe)
        self._frames += 1
        self._waiting.append(entry)
        yield from self._coded(frame)

    @property
    def waiting(self) -> int:
        """How many entries the encoder still holds."""
        return len(self._waiting)

    def finish(self) -> Iterator[Entry]:
        """The entries that the encoder still holds.

        Raises:
            RecordingError: They can't be coded.
        """
        if self._shape is not None:
            self._shape = None
            yield from self._coded(None)

    def _open(self, picture: Pixels, stamp_ns: int) -> None:
        height, width = picture.shape[:2]
        encoder = find_encoder(self._settings.encoder, in_band=True, size=(width, height))
        context = av.CodecContext.create(encoder.codec, "w")
        assert isinstance(context, VideoCodecContext)
        set_up(context, encoder, (width, height), is_grey=picture.ndim == 2)
        context.framerate = Fraction(USUAL_FPS)
        context.options = encoder.options(self._settings.crf, width * height)
        self._context = context
        self._shape = picture.shape
        self._frames, self._keyframe_ns = 0, stamp_ns

    def _coded(self, frame: av.VideoFrame | None) -> Iterator[Entry]:
        try:
            packets = self._context.encode(frame)
        except av.FFmpegError as exc:
            raise RecordingError(
                f"{self._context.name}: a picture can't be coded ({exc.strerror}); set the sink's `encoder` to "
                "software, or its payload to jpeg"
            ) from exc
        for packet in packets:
            entry = self._waiting.popleft()
            message = CompressedVideo(frame_id=CAMERAS[entry.channel], data=bytes(packet), format="h264")
            message.timestamp.seconds, message.timestamp.nanos = divmod(entry.stamp_ns, NS_PER_S)
            yield entry._replace(data=message.SerializeToString())


class VideoDecoder:
    """Decodes the messages of one channel; those before the first keyframe give nothing."""

    def __init__(self) -> None:
        context = av.CodecContext.create("h264", "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        context.flags |= Flags.low_delay
        self._context = context
        self._begun = False

    def decode(self, message: CompressedVideo) -> Pixels | None:
        """The picture of a message; None where it can't be decoded without the ones before.

        Raises:
            RecordingError: It is no H.264.
        """
        coded = message.data
        if message.format != "h264":
            raise RecordingError(f"a video of format {message.format!r} can't be decoded; expected h264")
        self._begun |= is_entry_point(coded)
        if not self._begun:
            return None
        try:
            frames = self._context.decode(av.Packet(coded))
        except av.FFmpegError as exc:
            raise RecordingError(
                f"a picture can't be decoded ({exc.strerror}); is it from another program?"
            ) from exc
        return picture_of(frames[0]) if frames else None


def begins_video(data: bytes) -> bool:
    """Whether decoding can begin with a message.

    Raises:
        RecordingError: It is no CompressedVideo.
    """
    try:
        return is_entry_point(CompressedVideo.FromString(data).data)
    except DecodeError as exc:
        raise RecordingError(f"a video's message can't be read ({exc}); is it from another program?") from exc
