"""The look that all pages of irvis share."""

from importlib import resources

from .colours import style_sheet


def style() -> str:
    """The style sheet with its colours, for a page's head."""
    return style_sheet() + resources.files("irvis").joinpath("page.css").read_text(encoding="utf-8")
