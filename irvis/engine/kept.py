"""What engines keep from one run to the next: compiled artifacts, kernels, timings. All of it can be deleted."""

import logging
import os
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/irvis/engines, or ~/.cache/irvis/engines."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "irvis" / "engines"


def kept(path: Path) -> bytes:
    """What an earlier run kept; nothing where it is not there or can't be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def keep(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: another thread or process may be reading or writing it.

    An engine runs without it, so what can't be written is told in a warning.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as place:
            partial = Path(place) / path.name
            partial.write_bytes(data)
            partial.replace(path)
    except OSError as exc:
        log.warning("%s: can't be kept (%s): the next start takes as long as this one", path, exc)
