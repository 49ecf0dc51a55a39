"""The two cameras of a configuration, frame by frame, for taking pictures of a board."""

import threading
from collections.abc import Iterator

import cv2

from irvis.errors import ConfigError, SourceError
from irvis.frame import Pixels
from irvis.settings import CameraSource, FileSource, FolderSource, Source

from .boards.looks import as_8_bit
from .latency.recordings import frames


def watch(source: Source, camera: str) -> Iterator[Pixels]:
    """Pictures as they come, without end from a camera: (H, W) or (H, W, 3) BGR uint8.

    Args:
        source: A section of the pipeline's configuration.
        camera: Its name, for messages.

    Raises:
        ConfigError: This kind of source can't be calibrated from.
        SourceError: The camera can't be opened, or stopped.
    """
    if isinstance(source, CameraSource):
        return _live(source, camera)
    if isinstance(source, FileSource):
        return (picture for picture, _ in frames(source.path, 25.0))
    if isinstance(source, FolderSource):
        return (picture for picture, _ in frames(source.path, source.fps))
    raise ConfigError(
        f"{camera}: a {source.kind} source, which shows no board; expected `kind: camera`, `file` or `folder`"
    )


def _live(source: CameraSource, camera: str) -> Iterator[Pixels]:
    live = _Live(source, camera)
    try:
        while True:
            yield live.read()
    finally:
        live.close()


class _Live:
    """The newest picture of a camera. A thread takes every one: what waits in a driver's queue is old."""

    def __init__(self, source: CameraSource, camera: str) -> None:
        self._name = f"{camera} {source.device}"
        self._timeout_s = source.timeout_s
        self._changed = threading.Condition()
        self._newest: Pixels | None = None
        self._is_over = False
        device = _opened(source, self._name)
        self._thread = threading.Thread(target=self._take, args=(device,), name=camera, daemon=True)
        self._thread.start()

    def read(self) -> Pixels:
        """The next picture that was not read yet."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._is_over, self._timeout_s)
            picture, self._newest = self._newest, None
        if picture is None:
            what = "gives no more pictures" if self._is_over else f"gave no picture for {self._timeout_s:g} s"
            raise SourceError(f"{self._name}: {what}; check its cable, and that nothing else uses it")
        return picture

    def close(self) -> None:
        """Let go of the camera."""
        self._is_over = True
        self._thread.join(self._timeout_s)

    def _take(self, device: cv2.VideoCapture) -> None:
        while not self._is_over:
            there, picture = device.read()
            with self._changed:
                self._newest = as_8_bit(picture) if there else self._newest
                self._is_over |= not there
                self._changed.notify_all()
        device.release()


def _opened(source: CameraSource, name: str) -> cv2.VideoCapture:
    device = cv2.VideoCapture(source.device)
    if not device.isOpened():
        raise SourceError(f"{name}: can't be opened; check that it is there and not in use")
    if source.pixel_format:
        device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*source.pixel_format.ljust(4)))
    if source.is_thermal:
        device.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    for key, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, source.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, source.height),
        (cv2.CAP_PROP_FPS, source.fps),
    ):
        if value:
            device.set(key, value)
    return device
