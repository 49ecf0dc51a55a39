"""Opens a camera through OpenCV, asked for what the configuration wants of it."""

import logging
import os
import sys
from pathlib import Path

import cv2

from irvis.errors import SourceError
from irvis.frame import Modality
from irvis.settings import CameraSource

FFMPEG_OPTIONS = "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay"
"""For network streams: no loss over UDP, nothing kept back; $OPENCV_FFMPEG_CAPTURE_OPTIONS overrides it."""
READ_LATER_MS = 500

log = logging.getLogger(__name__)


def open_device(settings: CameraSource, modality: Modality) -> cv2.VideoCapture:
    """Open a device or stream.

    Args:
        settings: Which, and what to ask of it.
        modality: Which camera it is, for messages.

    Raises:
        SourceError: It can't be opened.
    """
    device = settings.device
    timeout_ms = round(settings.timeout_s * 1000)
    if isinstance(device, str) and not device.startswith("/dev/"):
        os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", FFMPEG_OPTIONS)
        # Reading gives up later than `read` does, which knows better what to say.
        reading_ms = timeout_ms + READ_LATER_MS
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, timeout_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, reading_ms]
        capture = cv2.VideoCapture(device, cv2.CAP_FFMPEG, timeouts)
    else:
        capture = cv2.VideoCapture(device, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)
    if not capture.isOpened():
        there = ", ".join(sorted(map(str, Path("/dev").glob("video*")))) or "none"
        raise SourceError(
            f"{device}: the {modality} camera can't be opened; expected a device number, a path or a stream URL "
            f"in {modality}.device. Video devices here: {there}"
        )
    if settings.pixel_format:
        code = cv2.VideoWriter.fourcc(*settings.pixel_format.ljust(4))
        capture.set(cv2.CAP_PROP_FOURCC, code)
        if int(capture.get(cv2.CAP_PROP_FOURCC)) != code:
            log.warning("%s: the camera does not give %s", device, settings.pixel_format)
    if settings.is_thermal:
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
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
