"""One MP4 file that keeps its frames' stamps, and whatever was written when the process dies."""

from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream
from rich.progress import Progress

from irvis.clock import NS_PER_S
from irvis.console import opened
from irvis.errors import RecordingError
from irvis.frame import Pixels

from .h264 import USUAL_FPS, Encoder, frame_of, set_up

LONGEST_GAP_NS = 1800 * NS_PER_S
"""Microseconds of a longer gap don't fit into the file's 31 bits."""
KEYFRAME_EVERY_NS = NS_PER_S


class Mp4Writer:
    """Pictures of one size into one H.264 file; a context manager that finalises the file.

    While it is written the file is fragmented, one fragment a second, so that a crash costs the last second at
    most; closing turns it into an ordinary MP4. Odd sizes grow by one repeated row or column.

    Attributes:
        path: The file.
        size: Width and height of its pictures [px].
        last_ns: When the last picture is from [ns]; 0 before the first.
        unsaved: How many of the last pictures a crash would cost now.

    Args:
        path: Where the file goes; its folder must exist.
        size: Width and height of every picture [px].
        crf: Quality in x264's measure, 0 to 51: lower is better and larger.
        encoder: What codes them.

    Raises:
        RecordingError: The encoder can't be opened.
    """

    def __init__(self, path: Path, size: tuple[int, int], crf: int, encoder: Encoder) -> None:
        self.path = path
        self.size = size
        self.last_ns = 0
        self._first_ns: int | None = None
        self._keyframe_ns = 0
        self._failed = False
        self.unsaved = 0
        self._coded = 0
        # Without empty_moov the first fragment is no fragment, and such a file can't be told from a finished one.
        options = {"movflags": "hybrid_fragmented+empty_moov", "flush_packets": "1"}
        try:
            self._container: OutputContainer = av.open(path, "w", format="mp4", container_options=options)
            coding = encoder.options(crf, size[0] * size[1])
            stream = self._container.add_stream(encoder.codec, rate=USUAL_FPS, options=coding)
            assert isinstance(stream, VideoStream)
            set_up(stream.codec_context, encoder, size)
            self._stream = stream
        except (av.FFmpegError, OSError) as exc:
            raise _cannot(path, exc) from exc

    def gap_ns(self, stamp_ns: int) -> int | None:
        """Time from the last picture to this stamp [ns]; None before the first."""
        return None if self._first_ns is None else stamp_ns - self.last_ns

    def write(self, picture: Pixels, stamp_ns: int, *, is_keyframe: bool = False) -> None:
        """Append a picture.

        Args:
            picture: (H, W, 3) BGR uint8 of the writer's size.
            stamp_ns: When it is from [ns]; TICK_NS to LONGEST_GAP_NS after the one before.
            is_keyframe: Let what came before reach the file now, not when its second is over.

        Raises:
            RecordingError: The file can't be written.
        """
        if self._first_ns is None:
            self._first_ns = self._keyframe_ns = stamp_ns
        is_keyframe |= stamp_ns - self._keyframe_ns >= KEYFRAME_EVERY_NS
        if is_keyframe:
            self._keyframe_ns = stamp_ns
        frame = frame_of(picture, stamp_ns - self._first_ns, is_keyframe=is_keyframe)
        self.last_ns = stamp_ns
        self._mux(frame)
        self.unsaved += 1

    def size_bytes(self) -> int:
        """How large the file is by now, without the fragment in the making."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def close(self) -> None:
        """Write what the encoder still holds and make the file an ordinary MP4.

        Raises:
            RecordingError: The file can't be written.
        """
        if not self._failed:
            self._mux(None)
        try:
            self._container.close()
        except (av.FFmpegError, OSError) as exc:
            if not self._failed:
                raise _cannot(self.path, exc) from exc
        if not self._failed:
            self.unsaved = 0

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
                if packet.is_keyframe:  # the fragment before it is in the file now
                    self.unsaved -= self._coded
                    self._coded = 0
                self._coded += 1
        except (av.FFmpegError, OSError) as exc:
            self._failed = True
            raise _cannot(self.path, exc) from exc


def _cannot(path: Path, exc: Exception) -> RecordingError:
    return RecordingError(
        f"{path}: can't be written ({_why(exc)}); check the folder and the space left on its disk"
    )


def _why(exc: Exception) -> object:
    """What FFmpeg or the system says of it, without numbers and names."""
    return getattr(exc, "strerror", None) or exc


def is_cut_off(path: Path) -> bool:
    """Whether a file is a recording that was never closed: its fragments are still there.

    Raises:
        OSError: The file can't be read.
    """
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size_bytes, kind = int.from_bytes(head[:4], "big"), head[4:]
            if kind == b"moof":
                return True
            if size_bytes == 1:
                size_bytes = int.from_bytes(file.read(8), "big") - 8
            if size_bytes < 8:
                return False
            file.seek(size_bytes - 8, 1)
    return False


def remux(path: Path, out: Path, progress: Progress | None = None) -> int:
    """Copy a recording's frames, as they are coded, into an ordinary MP4; returns how many.

    Args:
        path: A recording, closed or not.
        out: The file to write.
        progress: Shows how far it is.

    Raises:
        RecordingError: It can't be read, or `out` can't be written.
    """
    frames = 0
    try:
        with (
            opened(path, progress) as file,
            av.open(file, "r") as source,
            av.open(out, "w", format="mp4") as target,
        ):
            stream = source.streams.video[0]
            copy = target.add_stream_from_template(stream)
            for packet in source.demux(stream):
                if packet.dts is not None:
                    packet.stream = copy
                    target.mux(packet)
                    frames += 1
    except (av.FFmpegError, OSError, IndexError) as exc:
        raise RecordingError(
            f"{path}: nothing can be recovered ({_why(exc)}); expected an MP4 of the video sink"
        ) from exc
    return frames


def describe(path: Path) -> str:
    """One line for people: size, frames, duration, and whether it was closed.

    Raises:
        RecordingError: It can't be read.
    """
    try:
        cut_off = is_cut_off(path)
        with av.open(path) as container:
            stream = container.streams.video[0]
            packets = [packet for packet in container.demux(stream) if packet.pts is not None]
            seconds = (
                float(max(packet.pts or 0 for packet in packets) * (stream.time_base or 0)) if packets else 0.0
            )
            codec = stream.codec_context
            line = f"{path}: {codec.width}x{codec.height} {codec.name}, {len(packets)} frames, {seconds:.2f} s"
    except (av.FFmpegError, OSError, IndexError) as exc:
        raise RecordingError(f"{path}: can't be read ({_why(exc)}); expected an MP4 of the video sink") from exc
    return line + (f"; cut off: it plays, `irvis recover {path}` makes it whole" if cut_off else "")
