"""A recording: MP4 files in order of time, and a contact sheet of the whole."""

import itertools
import logging
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from irvis.errors import RecordingError
from irvis.frame import Pixels
from irvis.timing import DropCounter

from .mp4 import LONGEST_GAP_NS, TICK_NS, Mp4Writer, is_cut_off

log = logging.getLogger(__name__)


class VideoRecorder:
    """Writes pictures to `path`, and to `-2`, `-3` beside it where one file can't go on; a context manager.

    A file can't go on when the pictures' size changes, when another stream begins with earlier stamps, or when
    there is nothing for half an hour.
    Pictures that are not later than the one before are counted as `out_of_order` and left out. Recordings that
    a crash cut off are not overwritten, finished ones are.

    Args:
        path: The MP4 file; its folder is made.
        crf: x264's quality, 0 to 51: lower is better and larger.

    Attributes:
        paths: The files so far.
        dropped: Pictures left out, by reason.

    Raises:
        RecordingError: The folder can't be written to.
    """

    def __init__(self, path: Path, crf: int = 23) -> None:
        self.paths: list[Path] = []
        self.dropped = DropCounter()
        self._path = path
        self._crf = crf
        self._writer: Mp4Writer | None = None
        self._stream_id = 0
        check_folder(path)

    def write(self, picture: Pixels, stamp_ns: int, stream_id: int = 0) -> bool:
        """Append a picture; False if it was left out.

        Args:
            picture: (H, W, 3) BGR uint8.
            stamp_ns: When it is from [ns, any clock].
            stream_id: Of the stream that it belongs to; stamps may begin again in another.

        Raises:
            RecordingError: The file can't be written.
        """
        size = picture.shape[1], picture.shape[0]
        writer = self._writer
        gap_ns = writer.gap_ns(stamp_ns) if writer else None
        if writer is None or writer.size != size:
            writer = self._next_part(size)
        elif gap_ns is not None and not TICK_NS <= gap_ns < LONGEST_GAP_NS:
            if gap_ns < TICK_NS and stream_id == self._stream_id:
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
            writer.close()
            log.info("%s: recording finished", writer.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _next_part(self, size: tuple[int, int]) -> Mp4Writer:
        self.close()
        path = next(path for path in _parts(self._path) if path not in self.paths and not _holds_a_crash(path))
        self._writer = Mp4Writer(path, size, self._crf)
        self.paths.append(path)
        return self._writer


def check_folder(path: Path) -> None:
    """Make a file's folder and see that it can be written to.

    Raises:
        RecordingError: It can't.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as exc:
        raise RecordingError(
            f"{path}: its folder can't be written to ({exc.strerror}); expected a path for a new file, "
            "set sinks.N.path in the configuration"
        ) from exc


def _parts(path: Path) -> itertools.chain[Path]:
    more = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return itertools.chain([path], more)


def _holds_a_crash(path: Path) -> bool:
    try:
        cut_off = path.is_file() and is_cut_off(path)
    except OSError:
        return False
    if cut_off:
        log.warning("%s: an earlier recording that was cut off stays there", path)
    return cut_off
