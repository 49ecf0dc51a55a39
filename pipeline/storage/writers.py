"""Where offline fusion puts its pictures: a video with the times of its source, PNG files by name, or one."""

from pathlib import Path
from typing import Protocol

import cv2

from irvis.errors import ConfigError, RecordingError
from irvis.frame import Pixels

from .video import VideoRecorder

CRF = 18
"""x264's quality of a fused video: better than a live recording's, since it is made once from files."""


class PictureWriter(Protocol):
    """Takes named pictures in order."""

    def write(self, picture: Pixels, name: str, stamp_ns: int) -> None:
        """Take one.

        Raises:
            RecordingError: It can't be written.
        """

    def close(self) -> None:
        """Finish what was begun.

        Raises:
            RecordingError: It can't be written.
        """


class PngFolder:
    """Pictures as PNG files, named by their names.

    Args:
        folder: Is made if it isn't there.

    Raises:
        RecordingError: It can't be made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise RecordingError(
                f"{folder}: can't be made ({exc.strerror}); expected a folder to write to"
            ) from exc

    def write(self, picture: Pixels, name: str, stamp_ns: int) -> None:
        """Write NAME.png.

        Raises:
            RecordingError: It can't be written.
        """
        del stamp_ns
        path = self._folder / f"{name}.png"
        done, data = cv2.imencode(".png", picture)
        if not done:
            raise RecordingError(f"{path}: a picture of shape {picture.shape} can't be encoded as PNG")
        try:
            path.write_bytes(data.tobytes())
        except OSError as exc:
            raise RecordingError(
                f"{path}: can't be written ({exc.strerror}); check the space on its disk"
            ) from exc

    def close(self) -> None:
        """Nothing is left to do."""


class PngFile:
    """One picture as a PNG file, whatever its name.

    Args:
        path: The .png file; its folder is made.

    Raises:
        ConfigError: The file has another suffix.
        RecordingError: The folder can't be made.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix != ".png":
            raise ConfigError(f"{path}: expected a file with suffix .png for a single picture")
        self._path = path
        self._folder = PngFolder(path.parent)

    def write(self, picture: Pixels, name: str, stamp_ns: int) -> None:
        """Write it.

        Raises:
            RecordingError: It can't be written.
        """
        del name
        self._folder.write(picture, self._path.stem, stamp_ns)

    def close(self) -> None:
        """Nothing is left to do."""


class VideoWriter:
    """Pictures as a video that keeps their times.

    Args:
        path: The .mp4 file; its folder is made.

    Raises:
        ConfigError: The file has another suffix.
        RecordingError: The folder can't be written to.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() != ".mp4":
            raise ConfigError(f"{path}: expected a file with suffix .mp4 for a fused video")
        self._recorder = VideoRecorder(path, CRF)

    def write(self, picture: Pixels, name: str, stamp_ns: int) -> None:
        """Append a picture of this time.

        Raises:
            RecordingError: It can't be written, or is not later than the one before.
        """
        if not self._recorder.write(picture, stamp_ns):
            raise RecordingError(
                f"frame {name} at {stamp_ns} ns is not later than the one before; expected a video "
                "whose times go on: convert it with `ffmpeg -i FILE out.mp4`"
            )

    def close(self) -> None:
        """Finalise the file.

        Raises:
            RecordingError: It can't be written.
        """
        self._recorder.close()
