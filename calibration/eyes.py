"""The two cameras of a configuration, frame by frame, for taking pictures of a board."""

from collections.abc import Iterator

import cv2
import numpy as np

from irvis.errors import ConfigError, SourceError
from irvis.frame import Pixels
from irvis.settings import CameraSource, FileSource, FolderSource, Source

from .recordings import frames


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
    raise ConfigError(f"{camera}: a {source.kind} source; expected camera, file or folder to calibrate from")


def _live(source: CameraSource, camera: str) -> Iterator[Pixels]:
    device = cv2.VideoCapture(source.device)
    try:
        for name, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, source.width),
            (cv2.CAP_PROP_FRAME_HEIGHT, source.height),
            (cv2.CAP_PROP_FPS, source.fps),
        ):
            if value:
                device.set(name, value)
        if not device.isOpened():
            raise SourceError(f"{camera} {source.device}: can't be opened; check that it is there and not in use")
        while True:
            there, picture = device.read()
            if not there:
                raise SourceError(f"{camera} {source.device}: gives no more pictures; check its cable")
            yield np.asarray(picture, np.uint8)
    finally:
        device.release()
