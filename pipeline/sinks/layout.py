"""What a recorded or shown picture looks like: the fused one, the overlay, or four of them side by side."""

from typing import Literal, TypeAlias

import cv2
import numpy as np

from irvis.captions import Colour, Line, caption, paste, text_height_px
from irvis.frame import FusedFrame, InfraredState, Pixels
from irvis.overlay import draw_labels, draw_legend

LayoutName: TypeAlias = Literal["fused", "overlay", "side_by_side"]
LAYOUTS: tuple[LayoutName, ...] = ("fused", "overlay", "side_by_side")

STATE_COLOURS: dict[InfraredState, Colour] = {
    InfraredState.HELD: (60, 200, 255),
    InfraredState.LOST: (80, 80, 255),
}


class Composer:
    """Draws layouts, again and again into the same memory.

    Side by side is infrared | visible over fused | overlay, twice as wide and high as the frame; of frames
    that come without their inputs only the lower half. The infrared's state is named where it is not live.
    """

    def __init__(self) -> None:
        self._canvas: Pixels = np.empty((0, 0, 3), np.uint8)

    def compose(self, frame: FusedFrame, layout: LayoutName) -> Pixels:
        """Draw one frame.

        Returns:
            (H, W, 3) BGR uint8, not to be written to, and valid until the next call.
        """
        if layout == "fused":
            return frame.fused
        height, width = frame.labels.shape
        if layout == "overlay":
            canvas = self._sized(height, width)
            _overlay(canvas, frame)
            _badge(canvas, frame.contract.infrared_state)
            return canvas
        rows = 2 if frame.visible is not None and frame.infrared is not None else 1
        canvas = self._sized(rows * height, 2 * width)
        fused, overlay = canvas[-height:, :width], canvas[-height:, width:]
        if frame.visible is not None and frame.infrared is not None:
            infrared, visible = canvas[:height, :width], canvas[:height, width:]
            cv2.cvtColor(frame.infrared, cv2.COLOR_GRAY2BGR, dst=infrared)
            visible[:] = frame.visible
            state = frame.contract.infrared_state
            live = state is InfraredState.LIVE
            _name(infrared, "infrared" if live else f"infrared: {state}", STATE_COLOURS.get(state))
            _name(visible, "visible")
        fused[:] = frame.fused
        _name(fused, "fused")
        _overlay(overlay, frame)
        _name(overlay, "overlay")
        if rows == 1:
            _badge(overlay, frame.contract.infrared_state)
        return canvas

    def _sized(self, height: int, width: int) -> Pixels:
        if self._canvas.shape[:2] != (height, width):
            self._canvas = np.empty((height, width, 3), np.uint8)
        return self._canvas


def _overlay(panel: Pixels, frame: FusedFrame) -> None:
    panel[:] = frame.fused
    draw_labels(panel, frame.labels)
    draw_legend(panel, frame.labels)


def _name(panel: Pixels, text: str, colour: Colour | None = None) -> None:
    line = Line(text, colour) if colour else Line(text)
    paste(panel, caption((line,), text_height_px(panel.shape[0])))


def _badge(panel: Pixels, state: InfraredState) -> None:
    if state is not InfraredState.LIVE:
        lines = (Line(f"infrared {state}", STATE_COLOURS[state]),)
        paste(panel, caption(lines, text_height_px(panel.shape[0])), right=True)
