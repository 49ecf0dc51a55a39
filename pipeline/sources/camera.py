"""A V4L2 or UVC device, or a network stream, through OpenCV."""

import logging
import sys
import threading
from pathlib import Path

import cv2
import numpy as np

from irvis.clock import now_ns
from irvis.errors import SourceError, SourceTimeout
from irvis.frame import Modality
from irvis.settings import CameraSource

from .base import Image, Source, as_modality

CLOSE_WAIT_S = 1.0
"""How long closing waits for a driver that doesn't answer [s]."""

log = logging.getLogger(__name__)


class Camera(Source):
    """The newest frame of a live camera; a thread takes every frame, so that none is ever old.

    A frame is stamped when the driver hands it over, on this host's clock: OpenCV says nothing better of
    every kind of camera. Frames that were replaced before anyone read them are counted as `camera_overflow`.

    Args:
        settings: The device or URL, what to ask of it, and how long to wait for a frame.
        modality: Which camera it is; colour infrared becomes gray.

    Raises:
        SourceError: The device can't be opened.
    """

    def __init__(self, settings: CameraSource, modality: Modality) -> None:
        super().__init__(modality)
        self._device = settings.device
        self._timeout_s = settings.timeout_s
        self._changed = threading.Condition()
        self._newest: Image | None = None
        self._ended = False
        self._closed = False
        capture = _open(settings, modality)
        self._thread = threading.Thread(target=self._take, args=(capture,), name=f"{modality} camera", daemon=True)
        self._thread.start()

    def read(self) -> Image | None:
        """The newest frame that was not read yet; None once closed.

        Raises:
            SourceTimeout: No frame came within the time allowed.
            SourceError: The camera stopped giving frames: unplugged, or its stream is over.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._ended or self._closed, self._timeout_s)
            image, self._newest = self._newest, None
            if image or self._closed:
                return image
            if self._ended:
                raise SourceError(
                    f"{self._device}: the {self.modality} camera stopped giving frames; "
                    "check its cable or stream, then start again"
                )
        raise SourceTimeout(
            f"{self._device}: no frame from the {self.modality} camera within {self._timeout_s:g} s; check that "
            f"nothing else uses it, or raise {self.modality}.timeout_s"
        )

    def close(self) -> None:
        """Stop the thread and let go of the device; a reader that waits gets None."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(CLOSE_WAIT_S)

    def _take(self, capture: cv2.VideoCapture) -> None:
        # The device belongs to this thread from here on: releasing it under a grab would crash.
        try:
            while not self._closed and capture.grab():
                stamp_ns = now_ns()
                decoded, pixels = capture.retrieve()
                if not decoded or pixels.dtype != np.uint8:
                    self.dropped["undecodable" if not decoded else "not_8_bit"] += 1
                    continue
                image = Image(as_modality(pixels.astype(np.uint8, copy=False), self.modality), stamp_ns=stamp_ns)
                with self._changed:
                    if self._newest is not None:
                        self.dropped["camera_overflow"] += 1
                    self._newest = image
                    self._changed.notify_all()
        except cv2.error:
            log.exception("%s: OpenCV failed", self._device)
        finally:
            capture.release()
            with self._changed:
                self._ended = True
                self._changed.notify_all()


def _open(settings: CameraSource, modality: Modality) -> cv2.VideoCapture:
    device = settings.device
    timeout_ms = round(settings.timeout_s * 1000)
    if isinstance(device, str) and not device.startswith("/dev/"):
        # Reading gives up later than `read` does, which knows better what to say.
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, timeout_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 2 * timeout_ms]
        capture = cv2.VideoCapture(device, cv2.CAP_FFMPEG, timeouts)
    else:
        capture = cv2.VideoCapture(device, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)
    if not capture.isOpened():
        there = ", ".join(sorted(map(str, Path("/dev").glob("video*")))) or "none"
        raise SourceError(
            f"{device}: the {modality} camera can't be opened; expected a device number, a path or a stream URL "
            f"in {modality}.device. Video devices here: {there}"
        )
    for name, key, wanted in (
        ("width", cv2.CAP_PROP_FRAME_WIDTH, settings.width),
        ("height", cv2.CAP_PROP_FRAME_HEIGHT, settings.height),
        ("fps", cv2.CAP_PROP_FPS, settings.fps),
    ):
        if wanted is None:
            continue
        capture.set(key, wanted)
        given = capture.get(key)
        if abs(given - wanted) > 0.01 * wanted:
            log.warning("%s: asked the camera for %s %g, it gives %g", device, name, wanted, given)
    return capture
