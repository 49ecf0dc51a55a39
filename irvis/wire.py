"""Frames <-> message parts: a small versioned msgpack header, then the pixels as they lie in memory.

Nothing is pickled; a header names every size, and sizes are checked before pixels are touched.
"""

import math
from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from .errors import WireError
from .frame import Counts, Frame, FusedFrame, Modality, PairContract, Pixels

VERSION = 1
MAX_SIDE_PX = 16384
MAX_HEADER_BYTES = 65536

Part: TypeAlias = bytes | memoryview


class FrameHeader(msgspec.Struct, frozen=True, array_like=True, tag="frame", forbid_unknown_fields=True):
    """Header of one camera frame; see `irvis.frame.Frame`."""

    version: int
    modality: Modality
    stamp_ns: int
    captured_ns: int
    seq: int
    stream_id: int
    shape: tuple[int, ...]
    trigger: int | None = None
    counts: bool = False


class FusedHeader(msgspec.Struct, frozen=True, array_like=True, tag="fused", forbid_unknown_fields=True):
    """Header of one fused frame; see `irvis.frame.FusedFrame`."""

    version: int
    stamp_ns: int
    captured_ns: int
    published_ns: int
    seq: int
    stream_id: int
    shape: tuple[int, int]
    inputs: bool
    contract: PairContract


class End(msgspec.Struct, frozen=True, array_like=True, tag="end", forbid_unknown_fields=True):
    """The stream is over: no frame of `stream_id` follows.

    Attributes:
        version: Of the wire format.
        stream_id: Which stream.
        frames: How many frames were published in it.
    """

    version: int
    stream_id: int
    frames: int


Message: TypeAlias = Frame | FusedFrame | End

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(FrameHeader | FusedHeader | End)


def encode(message: Message) -> list[Part]:
    """Turn a message into its parts: the header, then each image without a copy where it is contiguous."""
    if isinstance(message, End):
        return [_encoder.encode(message)]
    if isinstance(message, Frame):
        header = FrameHeader(
            VERSION,
            message.modality,
            message.stamp_ns,
            message.captured_ns,
            message.seq,
            message.stream_id,
            message.pixels.shape,
            message.trigger,
            message.counts is not None,
        )
        counts = [] if message.counts is None else [_bytes_of(message.counts)]
        return [_encoder.encode(header), _bytes_of(message.pixels), *counts]
    images = [message.fused, message.labels]
    if message.visible is not None and message.infrared is not None:
        images += [message.visible, message.infrared]
    height, width = message.labels.shape
    fused_header = FusedHeader(
        VERSION,
        message.stamp_ns,
        message.captured_ns,
        message.published_ns,
        message.seq,
        message.stream_id,
        (height, width),
        len(images) == 4,
        message.contract,
    )
    return [_encoder.encode(fused_header), *map(_bytes_of, images)]


def end_of(stream_id: int, frames: int) -> End:
    """The message that ends a stream after `frames` frames."""
    return End(VERSION, stream_id, frames)


def decode(parts: Sequence[Part]) -> Message:
    """Turn parts back into a message; the images are read-only views of the parts.

    Raises:
        WireError: The parts are not a message of this version, or their sizes disagree.
    """
    if not parts:
        raise WireError("empty message: expected a header")
    if len(parts[0]) > MAX_HEADER_BYTES:
        raise WireError(f"header of {len(parts[0])} bytes: expected {MAX_HEADER_BYTES} or fewer")
    try:
        header = _decoder.decode(parts[0])
    except (msgspec.DecodeError, ValueError, RecursionError) as exc:
        raise WireError(f"unreadable header: {exc}") from exc
    if header.version != VERSION:
        raise WireError(f"wire version {header.version}: this node speaks {VERSION}; update the older side")
    if isinstance(header, End):
        _expect_parts(parts, 0)
        return header
    if isinstance(header, FrameHeader):
        return _decode_frame(header, parts)
    return _decode_fused(header, parts)


def _decode_frame(header: FrameHeader, parts: Sequence[Part]) -> Frame:
    _expect_parts(parts, 2 if header.counts else 1)
    channels = (3,) if header.modality is Modality.VISIBLE else ()
    if header.shape[2:] != channels or len(header.shape) != 2 + len(channels):
        raise WireError(f"{header.modality} frame of shape {header.shape}: expected (H, W, *{channels})")
    return Frame(
        modality=header.modality,
        pixels=_image_of(parts[1], header.shape),
        stamp_ns=header.stamp_ns,
        captured_ns=header.captured_ns,
        seq=header.seq,
        stream_id=header.stream_id,
        trigger=header.trigger,
        counts=_counts_of(parts[2], header.shape) if header.counts else None,
    )


def _decode_fused(header: FusedHeader, parts: Sequence[Part]) -> FusedFrame:
    _expect_parts(parts, 4 if header.inputs else 2)
    colour = (*header.shape, 3)
    return FusedFrame(
        fused=_image_of(parts[1], colour),
        labels=_image_of(parts[2], header.shape),
        stamp_ns=header.stamp_ns,
        captured_ns=header.captured_ns,
        published_ns=header.published_ns,
        seq=header.seq,
        stream_id=header.stream_id,
        contract=header.contract,
        visible=_image_of(parts[3], colour) if header.inputs else None,
        infrared=_image_of(parts[4], header.shape) if header.inputs else None,
    )


def _expect_parts(parts: Sequence[Part], images: int) -> None:
    if len(parts) != images + 1:
        raise WireError(f"{len(parts) - 1} images: expected {images}")


def _image_of(part: Part, shape: tuple[int, ...]) -> Pixels:
    _check_size(part, shape, 1)
    return np.frombuffer(part, np.uint8).reshape(shape)


def _counts_of(part: Part, shape: tuple[int, ...]) -> Counts:
    if len(shape) != 2:
        raise WireError(f"counts of shape {shape}: expected (H, W)")
    _check_size(part, shape, 2)
    return np.frombuffer(part, np.uint16).reshape(shape)


def _check_size(part: Part, shape: tuple[int, ...], item_bytes: int) -> None:
    if not all(0 < side <= MAX_SIDE_PX for side in shape):
        raise WireError(f"image of shape {shape}: expected sides of 1 to {MAX_SIDE_PX} px")
    expected = math.prod(shape) * item_bytes
    if len(part) != expected:
        raise WireError(f"image of {len(part)} bytes: expected {expected} for shape {shape}")


def _bytes_of(image: Pixels | Counts) -> memoryview:
    return np.ascontiguousarray(image).data.cast("B")


__all__ = ["VERSION", "End", "FusedHeader", "Message", "Part", "decode", "encode", "end_of"]
