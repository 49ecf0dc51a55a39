"""A recording's files: which there are, where the next one goes, and whether it is time for it."""

import itertools
import logging
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from irvis.clock import NS_PER_S
from irvis.errors import RecordingError

from ..environment import RUN_BEGAN_S

log = logging.getLogger(__name__)

SET_BACK_NS = 3 * NS_PER_S
"""A stamp that is so much earlier than the last is no late picture: the camera's clock was set."""


def next_part(path: Path, used: Collection[Path], is_cut_off: Callable[[Path], bool]) -> Path:
    """The first of `path` and `-2`, `-3` beside it that may be written.

    Args:
        path: Of the recording.
        used: Files of this recording so far.
        is_cut_off: Whether a file is one that a crash cut off: such a one is kept. A finished one is overwritten,
            unless it is of this very run, from a recorder that died later.
    """
    began_s = float(os.environ.get(RUN_BEGAN_S, "inf"))
    kept: list[Path] = []
    more = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    for part in itertools.chain([path], more):
        if part in used:
            continue
        try:
            cut_off = part.is_file() and is_cut_off(part)
            of_this_run = part.is_file() and part.stat().st_mtime >= began_s
        except OSError:
            cut_off = of_this_run = False
        if cut_off:
            kept.append(part)
        elif not of_this_run:
            break
    if kept:
        files = f"{kept[-1]} and {len(kept) - 1} more" if len(kept) > 1 else kept[0]
        log.warning("%s: earlier recordings that were cut off stay there: `irvis recover %s`", files, kept[-1])
    return part


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files of a recording, each folder as the `.mcap` files in it.

    Raises:
        RecordingError: A path leads nowhere, or a folder has none.
    """
    files = []
    for path in paths:
        found = sorted(path.glob("*.mcap")) if path.is_dir() else [path]
        if not found or not found[0].is_file():
            raise RecordingError(f"{path}: no recording; expected an MCAP file, or a folder of the parts of one")
        files += found
    return files


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


class Rotation:
    """Says when a file is long or large enough.

    Args:
        part_s: Longest time of a file [s].
        part_bytes: Largest size of a file [bytes].

    Example:
        >>> Rotation(None, 1000).is_due(999), Rotation(None, 1000).is_due(1000)
        (False, True)
    """

    def __init__(self, part_s: float | None = None, part_bytes: int | None = None) -> None:
        self._part_s = part_s
        self._part_bytes = part_bytes
        self._begun_s = time.monotonic()

    def begin(self) -> None:
        """A file was begun now."""
        self._begun_s = time.monotonic()

    def is_due(self, size_bytes: int) -> bool:
        """Whether the file that was begun, now of this size, is to be the last but one."""
        if self._part_s is not None and time.monotonic() - self._begun_s >= self._part_s:
            return True
        return self._part_bytes is not None and size_bytes >= self._part_bytes
