"""What browsers can look at, and how each view travels."""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import msgspec
import numpy as np

from irvis.clock import NS_PER_MS
from irvis.frame import FusedFrame, Pixels

LABELS_LEVEL = 1
"""Of zlib: label maps are so even that more effort saves little; a PNG of them costs eight times as much."""


class View(StrEnum):
    """One encoded image of a frame."""

    VISIBLE = "visible"
    INFRARED = "infrared"
    FUSED = "fused"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame as browsers get it.

    Attributes:
        head: Size, time and pair contract, for JSON.
        images: JPEG bytes of pictures, zlib-compressed class ids (one byte a pixel) of labels.
    """

    head: dict[str, Any]
    images: Mapping[View, bytes]

    def parts_for(self, views: Iterable[View]) -> bytes:
        """One message: length of the JSON head (uint32, little-endian), the head, then the images in its order."""
        chosen = [(view, self.images[view]) for view in views if view in self.images]
        head = {**self.head, "images": [[view.value, len(data)] for view, data in chosen]}
        encoded = json.dumps(head).encode()
        return b"".join([struct.pack("<I", len(encoded)), encoded, *(data for _, data in chosen)])


def encode(frame: FusedFrame, views: Iterable[View], jpeg_quality: int) -> Packet:
    """Encode the views that a frame has of those that are wanted."""
    height, width = frame.labels.shape
    images = {
        view: _encode_view(pixels, view, jpeg_quality)
        for view in views
        if (pixels := _pixels_of(frame, view)) is not None
    }
    head = {
        "seq": frame.seq,
        "stamp_ms": frame.stamp_ns / NS_PER_MS,
        "width": width,
        "height": height,
        "views": [view.value for view in View if _pixels_of(frame, view) is not None],
        "contract": msgspec.to_builtins(frame.contract),
    }
    return Packet(head, images)


def _pixels_of(frame: FusedFrame, view: View) -> Pixels | None:
    pixels: Pixels | None = getattr(frame, view.value)
    return pixels


def _encode_view(pixels: Pixels, view: View, jpeg_quality: int) -> bytes:
    if view is View.LABELS:
        return zlib.compress(np.ascontiguousarray(pixels).data, LABELS_LEVEL)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])
    return data.tobytes()
