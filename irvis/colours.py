"""The colours of everything that people look at: pages, plots, and what is written on pictures.

Style sheets and drawings have none of their own; only label classes (`irvis.overlay`) and infrared palettes
(`irvis.thermal`), which colour data, are elsewhere.
"""

from enum import Enum
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]
"""Blue, green, red; 0 to 255."""


class Tone(Enum):
    """A colour by its use: on light ground and on dark ground, as style sheets write it.

    Pictures count as dark ground: what lies on them is drawn in the dark one.

    Example:
        >>> Tone.PAPER.light
        (248, 250, 251)
    """

    PAPER = "#fbfaf8", "#121417"
    """The ground of a page."""
    CARD = "#ffffff", "#1a1d21"
    """What lies on it; also what is written on `ACCENT`, `WARN` and `BAD`."""
    INK = "#1d1f23", "#e7e8ea"
    """What is to be read."""
    SOFT = "#656a73", "#989ea8"
    """What need not be read first."""
    LINE = "#e4e1dc", "#2c3036"
    """Borders."""
    GRID = "#eceae6", "#25292f"
    """Lines of plots, and the row under the pointer."""
    SUBJECT = "#bf400a", "#ff8a4a"
    """What a page is about; of two cameras, the infrared."""
    ACCENT = "#2563c9", "#6ea8ff"
    """What stands beside it, of two cameras the visible; and what is chosen."""
    TRIVIAL = "#868c95", "#858c97"
    """What is only there to compare with."""
    GOOD = "#17764a", "#55c58d"
    """As it should be."""
    WARN = "#8f5b00", "#f0b341"
    """Not quite as it should be."""
    BAD = "#b3261e", "#ff7d73"
    """As it should not be."""
    MARK = "#fff0c9", "#4a3a10"
    """The ground of the best figure."""
    BACKDROP = "#000000", "#000000"
    """What is around a picture."""
    GLASS = "#fbfaf8b8", "#0d0f12b8"
    """What lies under text on a picture."""
    SHADE = "#00000066", "#00000099"
    """Shadows, and what lies over a page while a dialog is open."""

    @property
    def light(self) -> Colour:
        """On light ground."""
        return _bgr(self.value[0])

    @property
    def dark(self) -> Colour:
        """On dark ground and on pictures."""
        return _bgr(self.value[1])


def style_sheet() -> str:
    """Each tone as a CSS variable that follows the colour scheme of the element that uses it.

    Example:
        >>> "--ink: light-dark(#1d1f23, #e7e8ea);" in style_sheet()
        True
    """
    lines = (f"  --{tone.name.lower()}: light-dark({', '.join(tone.value)});" for tone in Tone)
    return "\n".join([":root {", "  color-scheme: light dark;", *lines, "}", ""])


def hex_of(colour: Colour) -> str:
    """A colour as style sheets write it.

    Example:
        >>> hex_of((74, 138, 255))
        '#ff8a4a'
    """
    blue, green, red = colour
    return f"#{red:02x}{green:02x}{blue:02x}"


def _bgr(text: str) -> Colour:
    red, green, blue = bytes.fromhex(text[1:7])
    return blue, green, red
