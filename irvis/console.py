"""Where commands show what they found."""

from rich.console import Console

WIDTH_OF_FILES = 160
"""Columns of a file or a pipe, which have no width of their own."""


def console() -> Console:
    """Standard output, as wide as the terminal."""
    found = Console()
    return found if found.is_terminal else Console(width=WIDTH_OF_FILES)
