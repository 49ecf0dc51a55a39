"""A bar chart of rates, drawn with OpenCV: a live system is installed without a plotting library."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from irvis.colours import Tone
from irvis.errors import ConfigError

WIDTH_PX, ROW_PX, MARGIN_PX = 1100, 34, 16
FIGURE_PX = 120
"""Room for a figure behind the longest bar."""
FONT, SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.5


def write(path: Path, title: str, bars: Sequence[tuple[str, float]]) -> None:
    """Write a PNG with one bar for each name and rate.

    Args:
        path: Where to.
        title: Above them.
        bars: Names with their frames per second; at least one.

    Raises:
        ConfigError: It can't be written.
    """
    picture = np.full(((len(bars) + 1) * ROW_PX + 2 * MARGIN_PX, WIDTH_PX, 3), Tone.PAPER.light, np.uint8)
    _text(picture, title, MARGIN_PX, 0)
    most = max(fps for _, fps in bars)
    left = 2 * MARGIN_PX + max(cv2.getTextSize(name, FONT, SCALE, 1)[0][0] for name, _ in bars)
    space_px = WIDTH_PX - left - FIGURE_PX
    for row, (name, fps) in enumerate(bars, start=1):
        top = MARGIN_PX + row * ROW_PX
        right = left + round(space_px * fps / most)
        cv2.rectangle(picture, (left, top + 6), (right, top + ROW_PX - 6), Tone.SUBJECT.light, cv2.FILLED)
        _text(picture, name, MARGIN_PX, row)
        _text(picture, f"{fps:.1f} fps", right + MARGIN_PX // 2, row)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        written = cv2.imwrite(str(path), picture)
    except cv2.error as exc:
        raise ConfigError(f"--plot {path}: can't be written as a picture; expected a .png") from exc
    if not written:
        raise ConfigError(f"--plot {path}: can't be written")


def _text(picture: np.ndarray, text: str, left_px: int, row: int) -> None:
    place = (left_px, MARGIN_PX + row * ROW_PX + 22)
    cv2.putText(picture, text, place, FONT, SCALE, Tone.INK.light, 1, cv2.LINE_AA)
