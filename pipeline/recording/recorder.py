"""A recording: MCAP files in order of time."""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from irvis.frame import Frame, FusedFrame
from irvis.settings import McapSink, PipelineConfig
from irvis.topics import Topic

from ..storage.disk import free_bytes
from ..storage.parted import PartedRecorder
from ..storage.parts import SET_BACK_NS, Rotation
from .calibration import calibrations
from .channels import CONTRACT, FUSED, LABELS, Entry
from .coder import FrameCoder
from .file import McapFile
from .recover import is_cut_off


class McapRecorder(PartedRecorder[McapFile]):
    """Writes frames of any topic to MCAP files; what a crash would cost is counted in fused ones.

    Another file is also begun where a camera's clock is set back, since readers go by stamps.

    Args:
        settings: Where to, what and how.
        facts: Kept in each file's metadata.
        constants: Entries that each file begins with.
        free: Measures what is free on the disk [bytes].

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
        rotation = Rotation(settings.part_s, settings.part_bytes)
        super().__init__(settings.path, is_cut_off, rotation, settings.reserve_bytes, free)
        self._settings = settings
        self._facts = facts
        self._constants = constants
        self._coder = FrameCoder(settings, self.dropped)
        self._newest_ns: dict[str, int] = {}

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

    def add(self, message: Frame | FusedFrame) -> bool:
        """Record a frame; False if there is no room for it.

        Raises:
            RecordingError: The file can't be written.
        """
        if not self._makes_room():
            return False
        if self._was_set_back(message):
            self.close()
        file = self._file or self._begin_at(message.stamp_ns)
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

    def _begin_at(self, stamp_ns: int) -> McapFile:
        self._coder = FrameCoder(self._settings, self.dropped)
        file = self._begin(lambda path: McapFile(path, self._settings.compression, self._facts))
        for entry in self._constants:
            file.add(entry._replace(stamp_ns=stamp_ns, published_ns=stamp_ns))
        return file

    def _finish(self, file: McapFile) -> None:
        with closing(file):
            for entry in self._coder.finish():
                file.add(entry)

    def _held(self, file: McapFile) -> int:
        """Fused frames of which a part is not in the file: entries come in order, so these are the last ones."""
        return max(file.held[channel] + self._coder.waiting(channel) for channel in (FUSED, LABELS, CONTRACT))

    def _was_set_back(self, message: Frame | FusedFrame) -> bool:
        if isinstance(message, FusedFrame) and message.contract.is_stub:
            return False  # its time is no camera's but now, and late frames of the cameras may follow
        stream = message.modality if isinstance(message, Frame) else Topic.FUSED
        before_ns = self._newest_ns.get(stream, message.stamp_ns)
        self._newest_ns[stream] = message.stamp_ns
        return message.stamp_ns <= before_ns - SET_BACK_NS
