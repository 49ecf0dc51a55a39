"""What a recorded or shown picture looks like: one of four views, or all of them side by side."""

from typing import Literal, TypeAlias, get_args

import cv2
import numpy as np

from irvis.captions import Line, caption, paste, text_height_px
from irvis.colours import Colour, Tone
from irvis.frame import FusedFrame, InfraredState, PairContract, Pixels
from irvis.overlay import OPACITY, draw_labels, draw_legend
from irvis.thermal import Palette, colour

LayoutName: TypeAlias = Literal["visible", "infrared", "fused", "overlay", "side_by_side"]
WIDEST_PX = 1920
"""Width of the widest side-by-side picture: what screens show, and what two cores can encode live."""
LAYOUTS: tuple[LayoutName, ...] = get_args(LayoutName)

STATE_COLOURS: dict[InfraredState, Colour] = {
    InfraredState.HELD: Tone.WARN.dark,
    InfraredState.LOST: Tone.BAD.dark,
}


class Composer:
    """Draws layouts, again and again into the same memory.

    Side by side is infrared | visible over fused | overlay, twice as wide and high as the frame but no wider than
    1920 px: panels of larger frames are made smaller. Of frames that come without their inputs it shows only the
    lower half, and the fused picture instead of a camera's. A camera's state is named where it is not live.

    Args:
        palette: Of the infrared where it is shown.

    Attributes:
        palette: The same; may be changed.
        opacity: Of the overlay's tint, 0 to 1; may be changed.
    """

    def __init__(self, palette: Palette = "white_hot") -> None:
        self.palette: Palette = palette
        self.opacity = OPACITY
        self._canvas: Pixels = np.empty((0, 0, 3), np.uint8)

    def compose(self, frame: FusedFrame, layout: LayoutName) -> Pixels:
        """Draw one frame.

        Returns:
            (H, W, 3) BGR uint8, not to be written to, and valid until the next call.
        """
        if layout == "visible" and frame.visible is not None:
            return frame.visible
        if layout == "infrared" and frame.infrared is not None:
            return colour(frame.infrared, self.palette, out=self._sized(*frame.labels.shape))
        if layout in ("visible", "infrared", "fused"):
            return frame.fused
        if layout == "overlay":
            canvas = self._sized(*frame.labels.shape)
            self._draw_overlay(canvas, frame.fused, frame.labels)
            _draw_badge(canvas, frame.contract)
            return canvas
        return self._side_by_side(frame)

    def _side_by_side(self, frame: FusedFrame) -> Pixels:
        size = _panel_size(frame.labels)
        width, height = size
        inputs = frame.visible is not None and frame.infrared is not None
        canvas = self._sized((1 + inputs) * height, 2 * width)
        fused, overlay = canvas[-height:, :width], canvas[-height:, width:]
        fused[:] = _fit(frame.fused, size)
        self._draw_overlay(overlay, fused, _fit(frame.labels, size, cv2.INTER_NEAREST))
        _draw_name(fused, "fused")
        _draw_name(overlay, "overlay")
        state = frame.contract.infrared_state
        if frame.visible is None or frame.infrared is None:
            _draw_badge(overlay, frame.contract)
            return canvas
        infrared, visible = canvas[:height, :width], canvas[:height, width:]
        colour(_fit(frame.infrared, size), self.palette, out=infrared)
        visible[:] = _fit(frame.visible, size)
        live = state is InfraredState.LIVE
        _draw_name(infrared, "infrared" if live else f"infrared: {state}", STATE_COLOURS.get(state))
        lost = frame.contract.visible_lost
        _draw_name(
            visible, "visible: lost" if lost else "visible", STATE_COLOURS[InfraredState.LOST] if lost else None
        )
        return canvas

    def _draw_overlay(self, panel: Pixels, fused: Pixels, labels: Pixels) -> None:
        panel[:] = fused
        draw_labels(panel, labels, self.opacity)
        draw_legend(panel, labels)

    def _sized(self, height: int, width: int) -> Pixels:
        if self._canvas.shape[:2] != (height, width):
            self._canvas = np.empty((height, width, 3), np.uint8)
        return self._canvas


def _panel_size(picture: Pixels) -> tuple[int, int]:
    height, width = picture.shape[:2]
    scale = min(1.0, WIDEST_PX / (2 * width))
    return round(width * scale), max(1, round(height * scale))


def _fit(picture: Pixels, size: tuple[int, int], interpolation: int = cv2.INTER_AREA) -> Pixels:
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return cv2.resize(picture, size, interpolation=interpolation).astype(np.uint8, copy=False)


def _draw_name(panel: Pixels, text: str, colour: Colour | None = None) -> None:
    line = Line(text, colour) if colour else Line(text)
    paste(panel, caption((line,), text_height_px(panel.shape[0])))


def _draw_badge(panel: Pixels, contract: PairContract) -> None:
    state = contract.infrared_state
    lines = [Line("visible lost", STATE_COLOURS[InfraredState.LOST])] if contract.visible_lost else []
    if state is not InfraredState.LIVE:
        lines.append(Line(f"infrared {state}", STATE_COLOURS[state]))
    if lines:
        paste(panel, caption(tuple(lines), text_height_px(panel.shape[0])), right=True)
