"""What recordings have in common: files in order of time, each closed whole before the disk is full."""

import logging
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from irvis.closing import Closing
from irvis.timing import DropCounter

from .disk import DISK_FULL, DiskGuard, free_bytes
from .parts import Rotation, check_folder, next_part

log = logging.getLogger(__name__)


class RecordingFile(Protocol):
    """One file of a recording."""

    path: Path

    def size_bytes(self) -> int:
        """How large it is by now."""

    def close(self) -> None:
        """Finish it."""


FileT = TypeVar("FileT", bound=RecordingFile)


class PartedRecorder(Closing, Generic[FileT]):
    """Writes `path`, and `-2`, `-3` beside it where one file can't go on; a context manager that ends the last.

    A file ends when it is as long or as large as it may be, and while the disk has less than the reserve: then
    frames are counted as `disk_full` and left out. Recordings that a crash cut off are not overwritten, finished
    ones are.

    Args:
        path: The first file; its folder is made.
        is_cut_off: Whether a file is one that a crash cut off.
        rotation: When to begin another file.
        reserve_bytes: What is to stay free on the disk [bytes].
        free: Measures what is free on the disk [bytes].

    Attributes:
        paths: The files so far.
        dropped: Frames left out, by reason.

    Raises:
        RecordingError: The folder can't be written to.
    """

    def __init__(
        self,
        path: Path,
        is_cut_off: Callable[[Path], bool],
        rotation: Rotation | None = None,
        reserve_bytes: int = 0,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        check_folder(path)
        self.paths: list[Path] = []
        self.dropped = DropCounter()
        self._path = path
        self._is_cut_off = is_cut_off
        self._rotation = rotation or Rotation()
        self._guard = DiskGuard(path.parent, reserve_bytes, free)
        self._file: FileT | None = None
        self._lost = 0

    @property
    def note(self) -> str:
        """What the user should know now; empty if all is well."""
        return self._guard.note

    @property
    def unsaved(self) -> int:
        """How many frames a crash would cost now, with those that a file which failed has lost."""
        return self._lost + (self._held(self._file) if self._file else 0)

    def close(self) -> None:
        """Finish the file.

        Raises:
            RecordingError: The file can't be written.
        """
        file, self._file = self._file, None
        if file:
            try:
                self._finish(file)
            finally:
                self._lost += self._held(file)
            log.info("%s: recording finished", file.path)

    def _makes_room(self) -> bool:
        """Whether another frame may be written, else it is counted; ends the file if that is due."""
        has_room = self._guard.has_room()
        if not has_room or (self._file and self._rotation.is_due(self._file.size_bytes())):
            self.close()
        if not has_room:
            self.dropped[DISK_FULL] += 1
        return has_room

    def _begin(self, make: Callable[[Path], FileT]) -> FileT:
        """End the file, and begin the next."""
        self.close()
        path = next_part(self._path, self.paths, self._is_cut_off)
        file = self._file = make(path)
        self.paths.append(path)
        self._rotation.begin()
        return file

    def _finish(self, file: FileT) -> None:
        """Write what is still held for a file, and close it."""
        file.close()

    @abstractmethod
    def _held(self, file: FileT) -> int:
        """How many frames a crash would cost now of a file; once that is closed, how many it has lost."""
