"""A V4L2 or UVC device, or a network stream, through OpenCV."""

import logging
import threading

import cv2
import numpy as np

from irvis.clock import now_ns
from irvis.errors import IrvisError, SourceError, SourceTimeout
from irvis.frame import Modality
from irvis.log import Limiter
from irvis.settings import CameraSource

from .base import Image, Source, as_modality
from .counts import CountsReader, as_counts
from .device import open_device

CLOSE_WAIT_S = 1.0
"""How long closing waits for a driver that doesn't answer [s]."""
BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 5.0

log = logging.getLogger(__name__)


class Camera(Source):
    """The newest frame of a live camera; a thread takes every frame, so that none is ever old.

    A frame is stamped when the driver hands it over, on this host's clock: OpenCV says nothing better of
    every kind of camera. Frames that were replaced before anyone read them are counted as `camera_overflow`, those
    that a thermal camera numbered in its telemetry and that never came as `lost_in_camera`.
    A camera that stops giving frames is opened again, sooner at first and later every 5 s, until it is back.

    Args:
        settings: The device or URL, what to ask of it, and how long to wait for a frame.
        modality: Which camera it is; colour infrared becomes gray.

    Raises:
        SourceError: The device can't be opened.
    """

    def __init__(self, settings: CameraSource, modality: Modality) -> None:
        super().__init__(modality)
        self.is_live, self.reconnects = True, settings.reconnect
        self._settings = settings
        self._device = settings.device
        self._timeout_s = settings.timeout_s
        self._counts = CountsReader(settings.thermal) if settings.is_thermal else None
        self._changed = threading.Condition()
        self._limiter = Limiter()
        self._newest: Image | None = None
        self._ended = False
        self._closed = False
        capture = open_device(settings, modality)
        self._thread = threading.Thread(target=self._work, args=(capture,), name=f"{modality} camera", daemon=True)
        self._thread.start()

    def read(self) -> Image | None:
        """The newest frame that was not read yet; None once closed.

        Raises:
            SourceTimeout: No frame came within the time allowed; one may come later where it reconnects.
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

    def _work(self, capture: cv2.VideoCapture | None) -> None:
        # The device belongs to this thread from here on: releasing it under a grab would crash.
        try:
            while capture is not None:
                self._take(capture)
                capture.release()
                capture = self._reopen() if self.reconnects else None
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _take(self, capture: cv2.VideoCapture) -> None:
        """Take frames until the camera gives none."""
        try:
            while not self._closed and capture.grab():
                stamp_ns = now_ns()
                decoded, pixels = capture.retrieve()
                if decoded and (image := self._image(pixels, capture, stamp_ns)):
                    self._give(image)
                else:
                    self.dropped["undecodable"] += 1
        except cv2.error:
            log.exception("%s: OpenCV failed", self._device)

    def _image(self, pixels: np.ndarray, capture: cv2.VideoCapture, stamp_ns: int) -> Image | None:
        if self._counts is None:
            if pixels.dtype != np.uint8:
                return None
            return Image(as_modality(np.asarray(pixels, np.uint8), self.modality), stamp_ns=stamp_ns)
        size = round(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), round(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        try:
            image = self._counts.read(as_counts(pixels, size), stamp_ns=stamp_ns)
        except IrvisError as exc:
            if self._limiter.allows("undecodable"):
                log.warning("%s: %s", self._device, exc)
            return None
        if self._counts.lost:
            self.dropped["lost_in_camera"] = self._counts.lost
        return image

    def _give(self, image: Image) -> None:
        with self._changed:
            if self._newest is not None:
                self.dropped["camera_overflow"] += 1
            self._newest = image
            self._changed.notify_all()

    def _reopen(self) -> cv2.VideoCapture | None:
        """The device again, once it is back; None once closed."""
        wait_s = BACKOFF_S
        log.warning("%s: the %s camera stopped giving frames; opening it again", self._device, self.modality)
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._closed, wait_s):
                    return None
            try:
                capture = open_device(self._settings, self.modality)
            except SourceError as exc:
                log.debug("%s", exc)
                wait_s = min(2 * wait_s, LONGEST_BACKOFF_S)
                continue
            log.info("%s: the %s camera is back", self._device, self.modality)
            return capture
