"""A camera's frames with their stamps, from a video file or a folder of images."""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from irvis.errors import DataError
from irvis.frame import Pixels

from ..pairs import SUFFIXES, gray, read_picture


def frames(path: Path, fps: float) -> Iterator[tuple[Pixels, float]]:
    """Gray frames (H, W) with their times [s].

    Args:
        path: A video file, with its own times, or a folder of images, in the order of their names.
        fps: Of a folder's images; where their names are nanoseconds, those are the times.

    Raises:
        DataError: Nothing in it can be read.
    """
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
        if not files:
            raise DataError(f"{path}: no image in it; expected a video or a folder of images")
        stamped = all(each.stem.isdecimal() and len(each.stem) >= 16 for each in files)
        for k, each in enumerate(files):
            yield gray(read_picture(each)), (int(each.stem) - int(files[0].stem)) / 1e9 if stamped else k / fps
        return
    try:
        with av.open(str(path)) as video:
            for frame in video.decode(video=0):
                if frame.time is not None:
                    yield (
                        np.asarray(cv2.cvtColor(frame.to_ndarray(format="bgr24"), cv2.COLOR_BGR2GRAY), np.uint8),
                        frame.time,
                    )
    except (OSError, av.FFmpegError, IndexError) as exc:
        raise DataError(f"{path}: can't be read ({exc}); expected a video or a folder of images") from exc
