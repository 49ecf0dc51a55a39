"""The window sink: fused frames on this machine's screen, with a few keys."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar, get_args

import cv2

from irvis.errors import ConfigError
from irvis.frame import FusedFrame, Pixels
from irvis.settings import PipelineConfig, WindowSink
from irvis.thermal import Palette
from irvis.timing import DropCounter

from .base import Sink
from .layout import LAYOUTS, Composer
from .node import SinkNode

TITLE = "irvis: 1-4 views, a all, p palette, [ ] overlay, space pause, s snapshot, q quit"
KEY_QUIT = {ord("q"), 27}
KEY_LAYOUTS = dict(zip(map(ord, "1234a"), LAYOUTS, strict=True))
KEY_OPACITY = {ord("["): -0.05, ord("]"): 0.05}
PALETTES: tuple[Palette, ...] = get_args(Palette)
PROBE_S = 60.0

log = logging.getLogger(__name__)


class ScreenWindow(Sink):
    """Shows the newest frame; call it from the main thread, as screens want.

    Its keys are those of the page: 1 visible, 2 infrared, 3 fused, 4 overlay, a all of them, p the next palette,
    [ and ] make the overlay fainter and stronger, space pauses the picture (the stream goes on), s writes a PNG
    into the current folder; q or Esc or closing the window quits.

    Args:
        settings: What to show first.
    """

    done: ClassVar[str] = "shown"

    def __init__(self, settings: WindowSink) -> None:
        self.dropped = DropCounter()
        self._layout = settings.layout
        self._composer = Composer(settings.palette)
        self._paused = False
        self._over = False
        self._shown: tuple[FusedFrame, Pixels] | None = None
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)

    def take(self, frame: FusedFrame) -> bool:
        """Show one frame; False while paused."""
        if self._paused:
            self.dropped["paused"] += 1
            return False
        self._show(frame)
        return True

    def is_over(self) -> bool:
        """Whether the user has quit; this also lets the window draw itself and takes a key."""
        key = cv2.pollKey() & 0xFF
        closed = self._shown and cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1
        if closed or key in KEY_QUIT:
            self._over = True
        elif key == ord(" "):
            self._paused = not self._paused
        elif key == ord("s"):
            self._snapshot()
        elif self._change_look(key) and self._shown:
            self._show(self._shown[0])
        return self._over

    def close(self) -> None:
        """Close the window."""
        cv2.destroyAllWindows()

    def _change_look(self, key: int) -> bool:
        composer = self._composer
        if key in KEY_LAYOUTS:
            self._layout = KEY_LAYOUTS[key]
        elif key == ord("p"):
            composer.palette = PALETTES[(PALETTES.index(composer.palette) + 1) % len(PALETTES)]
        elif key in KEY_OPACITY:
            composer.opacity = min(1.0, max(0.0, composer.opacity + KEY_OPACITY[key]))
        else:
            return False
        return True

    def _show(self, frame: FusedFrame) -> None:
        picture = self._composer.compose(frame, self._layout)
        if self._shown is None:
            cv2.resizeWindow(TITLE, picture.shape[1], picture.shape[0])
        cv2.imshow(TITLE, picture)
        self._shown = frame, picture

    def _snapshot(self) -> None:
        if self._shown:
            frame, picture = self._shown
            path = Path(f"irvis-{frame.seq:06d}.png").absolute()
            written = cv2.imwrite(str(path), picture)
            log.log(logging.INFO if written else logging.ERROR, "%s: %s", path, "ok" if written else "not written")


class WindowNode(SinkNode[WindowSink]):
    """Shows the fused stream on this machine's screen, if it has one."""

    name = "window"
    section_type = WindowSink

    def open(self, section: WindowSink, config: PipelineConfig) -> ScreenWindow | None:
        """Open the window; None where there is no screen and the window is optional.

        Raises:
            ConfigError: There is no screen, and the window is not optional.
        """
        if has_screen():
            return ScreenWindow(section)
        if not section.optional:
            raise ConfigError(
                "window: no screen here (no display, or it can't be opened); expected a desktop session: run it "
                "there, or leave the window out of `sinks`, or set its `optional: true`"
            )
        log.info("no screen here: going on without a window")
        return None


def has_screen() -> bool:
    """Whether a window can be opened: tried in a process of its own, as Qt ends the one that can't."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    trial = [sys.executable, "-c", "import cv2; cv2.namedWindow('irvis'); cv2.pollKey()"]
    try:
        return subprocess.run(trial, capture_output=True, timeout=PROBE_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
