"""A watch on the registration: now and then, on a spare moment, how far the pictures are off, and what to do."""

import logging
import threading
import time
from collections import deque

import cv2
import numpy as np

from irvis.frame import Pixels, RegistrationState
from irvis.geometry import Matrix, scaling
from irvis.log import Limiter
from irvis.registration import Residual, as_estimated, estimate_residual
from irvis.registration.model import corner_distance_px
from irvis.settings import Align

from .align import Aligner

log = logging.getLogger(__name__)

AGREE = 3
"""Estimates in a row that have to agree before anything is believed."""
AGREE_PX = 1.5
SURE = 0.3
"""Confidence below which an estimate is not counted."""
DEADBAND_PX = 0.5
"""A correction is changed only when it is off by more."""
ALARM_OFF_SHARE = 0.7
MOST_SHARE = 0.1
"""Largest correction, as a share of the width."""
SETTLED = 10
"""How many intervals pass between estimates that agree: a mount moves rarely, an estimate makes a frame late."""


class RegistrationWatch:
    """Estimates what is left between the aligned infrared and the visible, publishes and where asked corrects it.

    Args:
        settings: The `align` section.
        aligner: Whose pictures are watched, and who is corrected.
        detail: Gets `registration`, in words.

    Attributes:
        state: The newest that is sure; None before.
    """

    def __init__(self, settings: Align, aligner: Aligner, detail: dict[str, str]) -> None:
        self.state: RegistrationState | None = None
        self._settings = settings
        self._aligner = aligner
        self._detail = detail
        self._correction: Matrix = np.eye(3)
        self._sizes = aligner.sizes
        self._totals: deque[Matrix] = deque(maxlen=AGREE)
        self._busy = threading.Lock()
        self._next_s = 0.0
        self._is_settled = False
        self._limiter = Limiter()

    def look(self, visible: Pixels, aligned: Pixels) -> None:
        """Estimate from this pair if it is time and no estimate is under way; costs the caller a reduced copy.

        Args:
            visible: (H, W, 3) BGR.
            aligned: (H, W) the infrared as it is fused.
        """
        if time.monotonic() < self._next_s or not self._busy.acquire(blocking=False):
            return
        self._next_s = time.monotonic() + self._settings.interval_s * (SETTLED if self._is_settled else 1)
        arguments = *as_estimated(visible, aligned), (aligned.shape[1], aligned.shape[0])
        # Of usual priority: stepped back it would wait while it holds the interpreter, and all others with it.
        threading.Thread(target=self._estimate, args=arguments, name="registration", daemon=True).start()

    def _estimate(self, visible: Pixels, aligned: Pixels, size: tuple[int, int]) -> None:
        try:
            self.take(estimate_residual(visible, aligned), (visible.shape[1], visible.shape[0]), size)
        except (cv2.error, np.linalg.LinAlgError) as exc:
            if self._limiter.allows("estimate"):
                log.warning("the registration could not be estimated: %s", exc)
        finally:
            self._busy.release()

    def take(self, residual: Residual, seen_at: tuple[int, int], size: tuple[int, int]) -> None:
        """Count one estimate.

        Args:
            residual: Of the pictures as they are fused now.
            seen_at: Width and height [px] of the pictures that it was estimated from.
            size: Of the fused picture.
        """
        if self._aligner.sizes != self._sizes:
            self._sizes, self._correction = self._aligner.sizes, np.eye(3)
            self._totals.clear()
        if residual.confidence < SURE:
            return
        to_full = scaling(seen_at, size)
        left = to_full @ residual.vis_from_aligned @ np.linalg.inv(to_full)
        self._totals.append(left @ self._correction)
        self._is_settled = len(self._totals) == AGREE and self._apart_px(size) <= AGREE_PX
        if not self._is_settled:
            return
        total: Matrix = np.median(np.array(self._totals), axis=0)
        off_px = corner_distance_px(total, self._correction, size)
        if off_px > DEADBAND_PX and corner_distance_px(total, np.eye(3), size) < MOST_SHARE * size[0]:
            total, off_px = self._correct(total, off_px, size)
        self._publish(total @ np.linalg.inv(self._correction), off_px, residual.confidence, size)

    def _apart_px(self, size: tuple[int, int]) -> float:
        return max(corner_distance_px(each, self._totals[-1], size) for each in self._totals)

    def _correct(self, total: Matrix, off_px: float, size: tuple[int, int]) -> tuple[Matrix, float]:
        """Use what was found, as far as is asked for; what is left to do, and how far that is off."""
        if self._settings.plane_m == "follow":
            moved = self._aligner.plane_of(_shift_px(total, size))
            self._aligner.correct(None, moved)
            self._totals.clear()
            return self._correction, off_px
        if self._settings.refine:
            self._correction = total
            self._aligner.correct(total)
            return total, 0.0
        return total, off_px

    def _publish(self, left: Matrix, off_px: float, confidence: float, size: tuple[int, int]) -> None:
        right, down = _shift_px(left, size)
        limit = self._settings.alarm_px
        was = self.state is not None and self.state.is_alarm
        is_alarm = off_px > (ALARM_OFF_SHARE * limit if was else limit)
        self._aligner.fade_px = off_px if is_alarm else 0.0
        self.state = RegistrationState(
            residual_px=round(off_px, 2),
            right_px=round(right, 2),
            down_px=round(down, 2),
            scale=round(float(np.sqrt(abs(np.linalg.det(left[:2, :2])))), 5),
            confidence=round(confidence, 2),
            is_corrected=not np.array_equal(self._correction, np.eye(3)),
            is_alarm=is_alarm,
            plane_m=self._aligner.plane_m,
        )
        self._detail["registration"] = (
            f"{off_px:.1f} px off (right {right:.1f}, down {down:.1f}), confidence {confidence:.2f}"
            f"{', corrected' if self.state.is_corrected else ''}{', ALARM' if is_alarm else ''}"
        )
        if is_alarm and not was:
            log.warning(
                "the infrared is %.1f px off the visible, above align.alarm_px %g: its fine detail is faded; "
                "calibrate again, or set align.refine: true",
                off_px,
                limit,
            )


def _shift_px(matrix: Matrix, size: tuple[int, int]) -> tuple[float, float]:
    """How far a matrix moves the middle of a picture, right and down [px]."""
    middle = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2, 1.0])
    moved = matrix @ middle
    return float(moved[0] / moved[2] - middle[0]), float(moved[1] / moved[2] - middle[1])
