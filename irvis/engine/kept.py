"""What engines keep from one run to the next: compiled artifacts, kernels, timings. All of it can be deleted."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/irvis/engines, or ~/.cache/irvis/engines."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "irvis" / "engines"


def keep(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: another process may be reading or writing it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(data)
    partial.replace(path)
