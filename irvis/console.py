"""Where commands show what they do and what they found."""

from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import Progress, ProgressColumn

WIDTH_OF_FILES = 160
"""Columns of a file or a pipe, which have no width of their own."""


def console() -> Console:
    """Standard output, as wide as the terminal."""
    found = Console()
    return found if found.is_terminal else Console(width=WIDTH_OF_FILES)


def progress(*columns: ProgressColumn) -> Progress:
    """A bar on standard error for as long as something goes on; nothing where that is no terminal."""
    shown_on = Console(stderr=True)
    return Progress(*columns, console=shown_on, transient=True, disable=not shown_on.is_terminal)


def opened(path: Path, shown: Progress | None) -> BinaryIO:
    """A file to be recovered; what has been read of it is shown, if anything is.

    Raises:
        OSError: It can't be read.
    """
    return shown.open(path, "rb", description="recovering") if shown else path.open("rb")
