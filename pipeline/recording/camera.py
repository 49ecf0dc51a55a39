"""One camera of a recording: its frames, each put together from what several channels say of it."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from irvis.frame import Counts, Modality, Pixels

from .channels import COUNTS, META, FrameMeta, read_json
from .reader import Recording, Stored


class CameraFrame(NamedTuple):
    """What a recording has of one camera frame.

    Attributes:
        pixels: (H, W, 3) BGR or (H, W) uint8.
        stamp_ns: Start of exposure [ns].
        counts: (H, W) uint16 that the pixels were mapped from; None where there are none.
        trigger: Number of the pulse that exposed it; None where there is none.
    """

    pixels: Pixels
    stamp_ns: int
    counts: Counts | None
    trigger: int | None


def camera_frames(recording: Recording, modality: Modality, from_ns: int | None = None) -> Iterator[CameraFrame]:
    """The frames of one camera, in order of their stamps.

    Args:
        recording: Where they are.
        modality: Which camera.
        from_ns: Leave out what is earlier [ns].

    Raises:
        RecordingError: A file is damaged.
    """
    channels = [f"/{modality}", f"/{modality}{META}"]
    if modality is Modality.INFRARED:
        channels.append(COUNTS)
    held: dict[str, Stored] = {}
    for stored in recording.messages(channels, from_ns):
        of_next = any(other.message.log_time != stored.message.log_time for other in held.values())
        if of_next or stored.channel in held:
            yield from _together(held, *channels)
            held = {}
        held[stored.channel] = stored
    yield from _together(held, *channels)


def _together(held: dict[str, Stored], name: str, meta: str, counts: str = COUNTS) -> Iterator[CameraFrame]:
    if name not in held or (picture := held[name].image) is None:
        return
    counted = held[counts].image if counts in held else None
    yield CameraFrame(
        picture.astype(np.uint8, copy=False),
        held[name].message.log_time,
        None if counted is None else counted.astype(np.uint16, copy=False),
        read_json(held[meta].message.data, FrameMeta).trigger if meta in held else None,
    )
