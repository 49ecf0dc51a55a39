"""A recording: MP4 files in order of time."""

from collections.abc import Callable
from pathlib import Path

from irvis.clock import NS_PER_MS
from irvis.frame import Pixels
from irvis.settings import EncoderKind

from .disk import free_bytes
from .h264 import TICK_NS, USUAL_CRF, find_encoder
from .mp4 import LONGEST_GAP_NS, Mp4Writer, is_cut_off
from .parted import PartedRecorder
from .parts import SET_BACK_NS, Rotation

STANDS_AFTER_NS = 20 * NS_PER_MS
"""Less than any camera's period: whatever comes after a stand-in is later than it."""


class VideoRecorder(PartedRecorder[Mp4Writer]):
    """Writes pictures to MP4 files.

    Another file is also begun when the pictures' size changes, when another stream begins with earlier stamps or
    the camera's clock is set back, and when there is nothing for half an hour. Pictures that are not later than
    the one before are counted as `out_of_order` and left out.

    Args:
        path: The first file; its folder is made.
        crf: H.264's quality in x264's measure, 0 to 51: lower is better and larger.
        encoder: What codes it.
        rotation: When to begin another file.
        reserve_bytes: What is to stay free on the disk [bytes].
        free: Measures what is free on the disk [bytes].

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
        super().__init__(path, is_cut_off, rotation, reserve_bytes, free)
        self._crf = crf
        self._encoder: EncoderKind = encoder
        self._stream_id = 0
        self._stands = False
        find_encoder(encoder, in_band=False)

    def write(self, picture: Pixels, stamp_ns: int, stream_id: int = 0) -> bool:
        """Append a picture; False if it was left out.

        Args:
            picture: (H, W, 3) BGR uint8.
            stamp_ns: When it is from [ns, any clock].
            stream_id: Of the stream that it belongs to; stamps may begin again in another.

        Raises:
            RecordingError: The file can't be written.
        """
        if not self._makes_room():
            return False
        size = picture.shape[1], picture.shape[0]
        file = self._file
        gap_ns = file.gap_ns(stamp_ns) if file else None
        if file is None or file.size != size:
            file = self._begin_with(size)
        elif gap_ns is not None and not TICK_NS <= gap_ns < LONGEST_GAP_NS:
            if -SET_BACK_NS < gap_ns < TICK_NS and stream_id == self._stream_id:
                self.dropped["out_of_order"] += 1
                return False
            file = self._begin_with(size)
        self._stream_id, self._stands = stream_id, False
        file.write(picture, stamp_ns)
        return True

    def stand_in(self, picture: Pixels) -> bool:
        """Show a picture that is of no camera from the last one until the next; False if it was left out.

        It needs no stamp, and so none of the camera's pictures is ever too late for it. One is enough until then:
        more of them are counted as `stub`, and so is one with no picture before it.

        Args:
            picture: (H, W, 3) BGR uint8.

        Raises:
            RecordingError: The file can't be written.
        """
        if not self._makes_room():
            return False
        file = self._file
        if self._stands or file is None or file.size != (picture.shape[1], picture.shape[0]):
            self.dropped["stub"] += 1
            return False
        self._stands = True
        file.write(picture, file.last_ns + STANDS_AFTER_NS, is_keyframe=True)
        return True

    def _begin_with(self, size: tuple[int, int]) -> Mp4Writer:
        encoder = find_encoder(self._encoder, in_band=False, size=size)
        return self._begin(lambda path: Mp4Writer(path, size, self._crf, encoder))

    def _held(self, file: Mp4Writer) -> int:
        return file.unsaved
