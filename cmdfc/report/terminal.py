"""Tables for the terminal: readable at 100 columns, and without colours."""

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from ..outputs import Role
from .tables import Table

NAME_WIDTH = 22
FIGURE_WIDTH = 6
MARK = "*"
STYLES = {Role.SUBJECT: "bold", Role.OTHER: "", Role.TRIVIAL: "dim", Role.COPY: "dim"}


def on_terminal(table: Table) -> RichTable:
    """One table, the best figure of each column in green and with a star."""
    shown = RichTable(
        title=Text(table.title),
        title_justify="left",
        title_style="bold",
        caption=Text(table.note),
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=0,  # the box itself leaves a column free between columns
        pad_edge=False,
    )
    shown.add_column("output", no_wrap=True, max_width=NAME_WIDTH, overflow="ellipsis")
    for column in table.columns:
        # Figures end in a mark or a space, and short headings stand above the figures, not above the mark.
        heading = column if len(column) >= FIGURE_WIDTH else f"{column} "
        shown.add_column(heading, justify="right", no_wrap=True, min_width=FIGURE_WIDTH)
    for row in table.rows:
        style = STYLES[row.role]
        figures = [
            Text(f"{cell.text}{MARK}", "bold green") if cell.best else Text(f"{cell.text} ", style)
            for cell in row.cells
        ]
        shown.add_row(Text(row.output, style), *figures)
    return shown
