"""A video file through FFmpeg, stamped with the file's own presentation times."""

import logging
from collections.abc import Iterator

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from irvis.clock import NS_PER_S
from irvis.errors import SourceError
from irvis.frame import Modality, Pixels
from irvis.log import Limiter
from irvis.settings import FileSource

from .base import Image, Source

FALLBACK_FPS = 25
"""For streams that say neither times nor a rate."""

log = logging.getLogger(__name__)


class VideoFile(Source):
    """Every decodable frame of a file's first video stream, in presentation order.

    Media time is the file's presentation time since the stream's start, so variable frame rates stay
    as they are. Damaged frames are counted as `undecodable` and leave a gap in time.

    Args:
        settings: The file, and whether to begin again at its end.
        modality: Which camera the file is from; colour infrared becomes gray.

    Raises:
        SourceError: The file is missing, has no video, or no frame of it can be decoded.
    """

    def __init__(self, settings: FileSource, modality: Modality) -> None:
        super().__init__(modality)
        self._path = settings.path
        self._loop = settings.loop
        self._limiter = Limiter()
        self._container, stream = self._open()
        self.length = None if self._loop else _length(stream)
        self._images = self._play(stream)
        self._first: Image | None = next(self._images, None)
        if self._first is None:
            self.close()
            raise SourceError(
                f"{self._path}: no frame could be decoded ({self.dropped['undecodable']} damaged); expected a "
                "video that plays; try the file in another player, or convert it with `ffmpeg -i FILE out.mp4`"
            )

    def read(self) -> Image | None:
        """The next frame; None at the end of the file.

        Raises:
            SourceError: The file went away while it is looped.
        """
        image, self._first = self._first, None
        return image or next(self._images, None)

    def close(self) -> None:
        """Close the file."""
        self._first, self._images = None, iter(())
        self._container.close()

    def _open(self) -> tuple[InputContainer, VideoStream]:
        try:
            container = av.open(self._path)
        except (av.FFmpegError, OSError) as exc:
            why = "no such file" if isinstance(exc, FileNotFoundError) else exc.strerror or exc
            raise SourceError(
                f"{self._path}: {why}; expected a video file that FFmpeg reads, "
                f"check {self.modality}.path in the configuration"
            ) from exc
        stream = container.streams.best("video")
        problem = _problem(stream, self.modality)
        if problem or not isinstance(stream, VideoStream):
            container.close()
            raise SourceError(f"{self._path}: {problem}")
        stream.thread_type = "AUTO"
        return container, stream

    def _play(self, stream: VideoStream) -> Iterator[Image]:
        passes_ns = 0
        while True:
            interval_ns = round(NS_PER_S / (stream.average_rate or FALLBACK_FPS))
            next_ns = given = 0
            start = stream.start_time
            for frame in self._frames(stream):
                start = frame.pts if start is None else start
                media_ns = _media_ns(frame, start, next_ns)
                next_ns = media_ns + interval_ns
                given += 1
                if not self._is_behind(passes_ns + media_ns):
                    yield Image(self._pixels(frame), passes_ns + media_ns)
            if given + self.dropped["undecodable"] < stream.frames:
                log.warning("%s: ended after %d of %d frames; is it cut short?", self._path, given, stream.frames)
            if not self._loop or not next_ns:
                return
            passes_ns += next_ns
            self._container.close()
            self._container, stream = self._open()

    def _frames(self, stream: VideoStream) -> Iterator[VideoFrame]:
        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as exc:
                # The demuxer has lost its place: what follows can't be found any more.
                self._lose(f"the file breaks off ({exc.strerror})")
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.FFmpegError as exc:
                self._lose(exc.strerror or str(exc))
                continue
            for frame in frames:
                if not isinstance(frame, VideoFrame):
                    continue
                if frame.is_corrupt:
                    self._lose("patched by the decoder")
                else:
                    yield frame

    def _pixels(self, frame: VideoFrame) -> Pixels:
        pixels = frame.to_ndarray(format="bgr24" if self.modality is Modality.VISIBLE else "gray")
        return pixels.astype(np.uint8, copy=False)

    def _lose(self, why: str) -> None:
        self.dropped["undecodable"] += 1
        if self._limiter.allows("undecodable"):
            log.warning("%s: a damaged frame is left out: %s (%d so far)", self._path, why, self.dropped.total())


def _media_ns(frame: VideoFrame, start: int | None, next_ns: int) -> int:
    """Presentation time since the stream's start [ns]; `next_ns` for frames that have none."""
    if frame.pts is None or start is None or frame.time_base is None:
        return next_ns
    return round((frame.pts - start) * frame.time_base * NS_PER_S)


def _problem(stream: object, modality: Modality) -> str | None:
    if not isinstance(stream, VideoStream):
        return "there is no video in it; expected a file with a video stream"
    if stream.codec_context is None:
        return "this FFmpeg has no decoder for its video; convert it with `ffmpeg -i FILE out.mp4`"
    components = stream.format.components if stream.format else ()
    if modality is Modality.INFRARED and len(components) == 1 and components[0].bits > 8:
        return (
            f"{components[0].bits}-bit infrared counts; expected an 8-bit picture, since cutting counts to 8 bit "
            "loses them: convert with the camera maker's tool"
        )
    return None


def _length(stream: VideoStream) -> int | None:
    """How many frames the file says it has, or lasts for; None where it says neither."""
    if stream.frames:
        return stream.frames
    if stream.duration and stream.time_base and stream.average_rate:
        return round(stream.duration * stream.time_base * stream.average_rate)
    return None
