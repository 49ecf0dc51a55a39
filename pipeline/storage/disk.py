"""Room on a recording's disk: it is closed whole before there is none."""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

DISK_FULL = "disk_full"
"""Reason of the frames that are left out meanwhile."""
LOOK_S = 0.5
AGAIN = 1.5
"""A recording that stopped goes on when there is so many times the reserve."""


def free_bytes(folder: Path) -> int:
    """Space that is left on a folder's disk [bytes]; 0 if the folder is gone."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


class DiskGuard:
    """Says whether there is room to write, looking twice a second at most.

    Args:
        folder: On the disk.
        reserve_bytes: What is to stay free, for the index and for the rest of the system.
        free: Measures what is free.

    Example:
        >>> room = iter([9, 1])
        >>> guard = DiskGuard(Path(), 5, lambda folder: next(room))
        >>> guard.has_room()
        True
    """

    def __init__(self, folder: Path, reserve_bytes: int, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._free = free
        self._looked_s = float("-inf")
        self._has_room = True

    def has_room(self) -> bool:
        """Whether more than the reserve is free; once it was not, half as much again is asked for."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            wanted_bytes = self._reserve_bytes * (1 if self._has_room else AGAIN)
            had_room, self._has_room = self._has_room, self._free(self._folder) >= wanted_bytes
            if had_room and not self._has_room:
                log.warning("%s: %s", self._folder, self.note)
        return self._has_room

    @property
    def note(self) -> str:
        """What the user should know now; empty while there is room."""
        if self._has_room:
            return ""
        return f"disk full: not recording until {AGAIN * self._reserve_bytes / 2**20:.0f} MiB are free"
