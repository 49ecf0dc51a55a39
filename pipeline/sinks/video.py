"""A recording: MP4 files in order of time, and a contact sheet of the whole."""

import logging
from collections.abc import Callable
from pathlib import Path

from irvis.closing import Closing
from irvis.frame import Pixels
from irvis.settings import EncoderKind
from irvis.timing import DropCounter

from ..h264 import TICK_NS, USUAL_CRF, find_encoder
from .disk import DISK_FULL, DiskGuard, free_bytes
from .mp4 import LONGEST_GAP_NS, Mp4Writer, is_cut_off
from .parts import SET_BACK_NS, Rotation, check_folder, next_part

log = logging.getLogger(__name__)


class VideoRecorder(Closing):
    """Writes pictures to `path`, and to `-2`, `-3` beside it where one file can't go on; a context manager.

    A file can't go on when the pictures' size changes, when another stream begins with earlier stamps or the
    camera's clock is set back, when there is nothing for half an hour, or when it is as long or large as it may
    be. While the disk has less than the reserve, pictures are counted as `disk_full` and left out; the file is
    closed whole.
    Pictures that are not later than the one before are counted as `out_of_order` and left out. Recordings that
    a crash cut off are not overwritten, finished ones are.

    Args:
        path: The MP4 file; its folder is made.
        crf: H.264's quality in x264's measure, 0 to 51: lower is better and larger.
        encoder: What codes it.
        rotation: When to begin another file.
        reserve_bytes: What is to stay free on the disk [bytes].
        free: Measures what is free on the disk [bytes].

    Attributes:
        paths: The files so far.
        dropped: Pictures left out, by reason.

    Raises:
        ConfigError: The encoder does not work here.
        RecordingError: The folder can't be written to.
    """

    def __init__(
        self,
        path: Path,
        crf: int = USUAL_CRF,
        encoder: EncoderKind = "auto",
        rotation: Rotation | None = None,
        reserve_bytes: int = 0,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self.paths: list[Path] = []
        self.dropped = DropCounter()
        self._rotation = rotation or Rotation()
        self._guard = DiskGuard(path.parent, reserve_bytes, free)
        self._path = path
        self._crf = crf
        self._encoder: EncoderKind = encoder
        self._writer: Mp4Writer | None = None
        self._lost = 0
        self._stream_id = 0
        check_folder(path)
        find_encoder(encoder, in_band=False)

    @property
    def note(self) -> str:
        """What the user should know now; empty if all is well."""
        return self._guard.note

    @property
    def unsaved(self) -> int:
        """How many pictures a crash would cost now, with those that a file which failed has lost."""
        return self._lost + (self._writer.unsaved if self._writer else 0)

    def write(self, picture: Pixels, stamp_ns: int, stream_id: int = 0) -> bool:
        """Append a picture; False if it was left out.

        Args:
            picture: (H, W, 3) BGR uint8.
            stamp_ns: When it is from [ns, any clock].
            stream_id: Of the stream that it belongs to; stamps may begin again in another.

        Raises:
            RecordingError: The file can't be written.
        """
        if not self._guard.has_room():
            self.close()
            self.dropped[DISK_FULL] += 1
            return False
        if self._writer and self._rotation.is_due(self._writer.size_bytes()):
            self.close()
        size = picture.shape[1], picture.shape[0]
        writer = self._writer
        gap_ns = writer.gap_ns(stamp_ns) if writer else None
        if writer is None or writer.size != size:
            writer = self._next_part(size)
        elif gap_ns is not None and not TICK_NS <= gap_ns < LONGEST_GAP_NS:
            if -SET_BACK_NS < gap_ns < TICK_NS and stream_id == self._stream_id:
                self.dropped["out_of_order"] += 1
                return False
            writer = self._next_part(size)
        self._stream_id = stream_id
        writer.write(picture, stamp_ns)
        return True

    def close(self) -> None:
        """Finalise the file.

        Raises:
            RecordingError: The file can't be written.
        """
        writer, self._writer = self._writer, None
        if writer:
            try:
                writer.close()
            finally:
                self._lost += writer.unsaved
            log.info("%s: recording finished", writer.path)

    def _next_part(self, size: tuple[int, int]) -> Mp4Writer:
        self.close()
        path = next_part(self._path, self.paths, is_cut_off)
        self._writer = Mp4Writer(path, size, self._crf, find_encoder(self._encoder, in_band=False, size=size))
        self._rotation.begin()
        self.paths.append(path)
        return self._writer
