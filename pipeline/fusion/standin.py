"""What goes on when the visible camera is silent: infrared alone, and a stub when both cameras are gone."""

from collections.abc import Callable

import numpy as np

from irvis.clock import NS_PER_MS
from irvis.frame import Frame, FramePair, InfraredState, Modality
from irvis.rig import Size
from irvis.settings import Sync

STUB_INTERVAL_NS = 200 * NS_PER_MS
DEFAULT_SIZE: Size = (640, 480)


class StandIn:
    """Makes pairs without a visible frame, from when that camera has been silent for `silence_ms`.

    Each new infrared frame makes one; where there is none either, a stub comes every 200 ms. Both carry a black
    picture as visible, of the size that the camera had last, and end with the next visible frame.

    Args:
        settings: The `sync` section; lossless links and `on_lost: drop` have no stand-ins.
        size: Width and height [px] while no visible frame has told; a usual one without.
    """

    def __init__(self, settings: Sync, size: Size | None = None) -> None:
        self._enabled = settings.link == "latest" and settings.on_lost == "visible_only"
        self._silence_ns = round(settings.silence_ms * NS_PER_MS)
        self._black = _black(size or DEFAULT_SIZE)
        self._seq, self._stream_id = 0, 0
        self._seen_ns: dict[Modality, int] = {}
        self._due_ns = 0

    def saw(self, frame: Frame, now_ns: int) -> None:
        """Take note that a camera gave a frame.

        Args:
            frame: Of either camera.
            now_ns: Time on any steady clock [ns], the one that `pop` is given too.
        """
        self._seen_ns[frame.modality] = now_ns
        self._seen_ns.setdefault(Modality.VISIBLE, now_ns)
        if frame.modality is Modality.VISIBLE:
            self._seq, self._stream_id = frame.seq, frame.stream_id
            if frame.pixels.shape != self._black.shape:
                self._black = _black((frame.pixels.shape[1], frame.pixels.shape[0]))

    def pop(self, now_ns: int, epoch_ns: int, infrared: Callable[[], Frame | None]) -> FramePair | None:
        """The next pair without visible; None while none is due.

        Args:
            now_ns: Time on the clock that `saw` was given [ns].
            epoch_ns: The same moment on this host's clock [ns, Unix epoch].
            infrared: Gives the newest infrared frame, if it is still unused.
        """
        if not self._enabled or not self._is_silent(Modality.VISIBLE, now_ns):
            return None
        if frame := infrared():
            visible = self._standing(frame.stamp_ns, frame.captured_ns)
            return FramePair(visible, frame, InfraredState.LIVE, visible_lost=True)
        if now_ns < self._due_ns or not self._is_silent(Modality.INFRARED, now_ns):
            return None
        self._due_ns = now_ns + STUB_INTERVAL_NS
        return FramePair(self._standing(epoch_ns, epoch_ns), None, InfraredState.LOST, visible_lost=True)

    def _is_silent(self, modality: Modality, now_ns: int) -> bool:
        if not self._seen_ns:
            return False  # nothing has begun yet
        return now_ns - self._seen_ns.get(modality, 0) > self._silence_ns

    def _standing(self, stamp_ns: int, captured_ns: int) -> Frame:
        return Frame(Modality.VISIBLE, self._black, stamp_ns, captured_ns, self._seq, self._stream_id)


def _black(size: Size) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    black = np.zeros((size[1], size[0], 3), np.uint8)
    black.flags.writeable = False
    return black
