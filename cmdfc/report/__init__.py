"""What an evaluation found, for people and for programs: a page, Markdown, CSV and tables for the terminal."""

from pathlib import Path

from ..evaluate import Evaluation
from . import files, page
from .gallery import draw_gallery
from .tables import Table, tables
from .terminal import on_terminal

__all__ = ["Table", "on_terminal", "tables", "write"]


def write(out: Path, evaluation: Evaluation, title: str, pictures: int) -> Path:
    """Write the whole report into a folder.

    Args:
        out: Gets index.html with pictures/, report.md, means.csv and pairs.csv; what has these names is replaced.
        evaluation: Finished.
        title: Of page and Markdown.
        pictures: Pairs to show on the page.

    Returns:
        The page.

    Raises:
        DataError: The folder can't be written.
    """
    files.write(out, evaluation, title)
    return page.write(out, evaluation, title, draw_gallery(out, evaluation, pictures))
