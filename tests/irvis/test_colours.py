"""One set of colours for everything that people look at, all of them readable."""

import re
from pathlib import Path

import pytest

from irvis.colours import Tone

ROOT = Path(__file__).parents[2]
PACKAGES = ("irvis", "cmdfc", "pipeline", "export", "calibration", "benchmarks", "examples")
COLOUR = re.compile(r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgb|hsl)a?\([\d.]", re.IGNORECASE)
DRAWING = re.compile(r"cv2\.(?:circle|line|polylines|putText|rectangle)\([^\n]*\(\d+, \d+, \d+\)")
ENDS = {".py", ".css", ".js", ".html"}
DRAWN = [path for package in PACKAGES for path in (ROOT / package).rglob("*.*") if path.suffix in ENDS]
HOME = ROOT / "irvis" / "colours.py"
READ = (Tone.INK, Tone.SOFT, Tone.SUBJECT, Tone.ACCENT, Tone.GOOD, Tone.WARN, Tone.BAD)


def brightness(colour: str) -> float:
    """Relative luminance as the Web Content Accessibility Guidelines 2.2 define it."""
    levels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


def test_no_other_file_has_colours_of_its_own() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in DRAWN if path != HOME}
    own = [path for path, text in texts.items() if COLOUR.search(text) or DRAWING.search(text)]
    assert len(DRAWN) > 200
    assert not own


def test_what_is_drawn_beside_the_pages_is_of_the_same_colours() -> None:
    icon = (ROOT / "pipeline/sinks/web/page/icon.svg").read_text(encoding="utf-8")
    known = {colour for tone in Tone for colour in tone.value}
    assert set(COLOUR.findall(icon)) <= known


@pytest.mark.parametrize("tone", READ)
@pytest.mark.parametrize("ground", [Tone.PAPER, Tone.CARD])
def test_text_stands_out_from_its_ground_in_light_and_dark(tone: Tone, ground: Tone) -> None:
    for colour, behind in zip(tone.value, ground.value, strict=True):
        assert contrast(colour, behind) >= 4.5
