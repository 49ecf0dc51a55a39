"""A recording: MCAP files in order of time, closed whole before the disk is full."""

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from irvis.frame import Frame, FusedFrame
from irvis.settings import McapSink, PipelineConfig
from irvis.timing import DropCounter
from irvis.topics import Topic

from ..sinks.disk import DISK_FULL, DiskGuard, free_bytes
from ..sinks.parts import SET_BACK_NS, Rotation, check_folder, next_part
from .calibration import calibrations
from .channels import CONTRACT, FUSED, LABELS, Entry
from .coder import FrameCoder
from .file import McapFile
from .recover import is_cut_off

log = logging.getLogger(__name__)


class McapRecorder:
    """Writes frames of any topic to `path`, and to `-2`, `-3` beside it where one file is long enough.

    While the disk has less than the reserve, frames are counted as `disk_full` and left out. Another file is also
    begun where a camera's clock is set back, since readers go by stamps.

    Args:
        settings: Where to, what and how.
        facts: Kept in each file's metadata.
        constants: Entries that each file begins with.
        free: Measures what is free on the disk [bytes].

    Attributes:
        paths: The files so far.
        dropped: Frames left out, by reason.

    Raises:
        ConfigError: The encoder does not work here.
        RecordingError: The folder can't be written to.
    """

    def __init__(
        self,
        settings: McapSink,
        facts: Mapping[str, str],
        constants: tuple[Entry, ...] = (),
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        check_folder(settings.path)
        self.paths: list[Path] = []
        self.dropped = DropCounter()
        self._settings = settings
        self._facts = facts
        self._constants = constants
        self._file: McapFile | None = None
        self._coder = FrameCoder(settings, self.dropped)
        self._newest_ns: dict[str, int] = {}
        self._lost = 0
        self._guard = DiskGuard(settings.path.parent, settings.reserve_bytes, free)
        self._rotation = Rotation(settings.part_s, settings.part_bytes)

    @classmethod
    def of_system(cls, settings: McapSink, config: PipelineConfig) -> "McapRecorder":
        """A recorder whose files say which system they are of, and where its cameras are.

        Raises:
            ConfigError: The encoder does not work here.
            RecordingError: The folder can't be written to.
            RigError: The rig can't be read.
        """
        constants = tuple(calibrations(config.rig)) if config.rig else ()
        return cls(settings, {"config": config.model_dump_json()}, constants)

    @property
    def note(self) -> str:
        """What the user should know now; empty if all is well."""
        return self._guard.note

    @property
    def unsaved(self) -> int:
        """How many fused frames a crash would cost now, with those that a file which failed has lost."""
        return self._lost + (self._held(self._file) if self._file else 0)

    def add(self, message: Frame | FusedFrame) -> bool:
        """Record a frame; False if there is no room for it.

        Raises:
            RecordingError: The file can't be written.
        """
        if not self._guard.has_room():
            self.close()
            self.dropped[DISK_FULL] += 1
            return False
        if self._file and (self._rotation.is_due(self._file.size_bytes()) or self._was_set_back(message)):
            self.close()
        file = self._file or self._begin(message.stamp_ns)
        for entry in self._coder.entries(message, file.chunk):
            file.add(entry)
        return True

    def flush_if_due(self) -> None:
        """Let what is held reach the disk also while no frame comes.

        Raises:
            RecordingError: The file can't be written.
        """
        if self._file:
            self._file.flush_if_due()

    def close(self) -> None:
        """Finish the file.

        Raises:
            RecordingError: The file can't be written.
        """
        file, self._file = self._file, None
        if file:
            try:
                with closing(file):
                    for entry in self._coder.finish():
                        file.add(entry)
            finally:
                self._lost += self._held(file)
            log.info("%s: recording finished", file.path)

    def _held(self, file: McapFile) -> int:
        """Fused frames of which a part is not in the file: entries come in order, so these are the last ones."""
        return max(file.held[channel] + self._coder.waiting(channel) for channel in (FUSED, LABELS, CONTRACT))

    def _was_set_back(self, message: Frame | FusedFrame) -> bool:
        stream = message.modality if isinstance(message, Frame) else Topic.FUSED
        before_ns = self._newest_ns.get(stream, message.stamp_ns)
        self._newest_ns[stream] = message.stamp_ns
        return message.stamp_ns <= before_ns - SET_BACK_NS

    def _begin(self, stamp_ns: int) -> McapFile:
        path = next_part(self._settings.path, self.paths, is_cut_off)
        self._coder = FrameCoder(self._settings, self.dropped)
        self._file = McapFile(path, self._settings.compression, self._facts)
        self.paths.append(path)
        self._rotation.begin()
        for entry in self._constants:
            self._file.add(entry._replace(stamp_ns=stamp_ns, published_ns=stamp_ns))
        return self._file
