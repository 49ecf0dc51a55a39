"""Room on a recording's disk: it is closed whole before there is none."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

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

    Attributes:
        note: What to tell the user while there is no room.

    Example:
        >>> room = iter([9, 1])
        >>> guard = DiskGuard(Path(), 5, lambda folder: next(room))
        >>> guard.has_room()
        True
    """

    def __init__(self, folder: Path, reserve_bytes: int, free: Callable[[Path], int] = free_bytes) -> None:
        self.note = f"disk full: not recording until {AGAIN * reserve_bytes / 2**20:.0f} MiB are free"
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
            self._has_room = self._free(self._folder) >= wanted_bytes
        return self._has_room
