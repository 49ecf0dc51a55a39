"""The look that all pages of irvis share."""

from importlib import resources


def style() -> str:
    """The style sheet, for a page's head."""
    return resources.files("irvis").joinpath("page.css").read_text(encoding="utf-8")
