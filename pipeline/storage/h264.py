"""H.264 as recordings have it: the encoder that works here, and pictures in the form that it takes."""

import functools
import logging
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace

from irvis.clock import NS_PER_S
from irvis.errors import ConfigError
from irvis.frame import Pixels
from irvis.settings import EncoderKind

log = logging.getLogger(__name__)

TICK_NS = 1000
"""Encoders count microseconds: fine enough for any camera."""
USUAL_FPS = 25
USUAL_CRF = 23
USUAL_BITS = 0.1
"""Of a pixel at the usual quality, for encoders that know no quality but a rate."""
PRESET = "ultrafast"
"""1280x960 on two cores: ultrafast 12 ms of processor time a frame, superfast 21 ms, veryfast 32 ms."""
TRIED_SIZE = 320, 240
TRIED_KEYFRAMES = [True, False, True]
START, SLICE, IDR_SLICE, SEQUENCE_PARAMETERS = b"\0\0\1", 1, 5, 7


class Encoder(NamedTuple):
    """One of FFmpeg's H.264 encoders; options by the quality (x264's crf) and the pixels of a picture."""

    codec: str
    pix_fmt: str
    options: Callable[[int, int], dict[str, str]]


def _bit_rate(crf: int, pixels: int) -> str:
    # Six steps of x264's quality are a factor of two.
    return str(round(USUAL_BITS * pixels * USUAL_FPS * 2 ** ((USUAL_CRF - crf) / 6)))


ENCODERS: dict[EncoderKind, Encoder] = {
    "nvenc": Encoder(
        "h264_nvenc",
        "yuv420p",
        lambda crf, _: {
            "preset": "p2",
            "tune": "ull",
            "rc": "constqp",
            "qp": str(crf),
            "forced-idr": "1",
            "delay": "0",
        },
    ),
    "qsv": Encoder(
        "h264_qsv",
        "nv12",
        lambda crf, _: {"preset": "veryfast", "global_quality": str(crf), "forced_idr": "1", "async_depth": "1"},
    ),
    "v4l2m2m": Encoder("h264_v4l2m2m", "yuv420p", lambda crf, pixels: {"b": _bit_rate(crf, pixels)}),
    "software": Encoder(
        "libx264",
        "yuv420p",
        lambda crf, _: {"preset": PRESET, "tune": "zerolatency", "crf": str(crf), "forced-idr": "1"},
    ),
}
"""Hardware first: NVIDIA's, Intel's, that of single-board computers. None gives pictures out of order."""


@functools.cache
def find_encoder(kind: EncoderKind, *, in_band: bool, size: tuple[int, int] = TRIED_SIZE) -> Encoder:
    """The encoder of a kind, once it has coded pictures here; with `auto` the first that does.

    Args:
        kind: Which.
        size: Width and height of the pictures [px].
        in_band: Whether each keyframe must carry the parameters that a decoder begins with, as in MCAP files; an
            MP4 file has them in its head.

    Raises:
        ConfigError: That encoder does not work here.
    """
    said = []
    for name in ENCODERS if kind == "auto" else (kind,):
        encoder = ENCODERS[name]
        problem = "" if name == "software" else problem_of(encoder, in_band, size)
        if not problem:
            _tell_once(encoder.codec, name)
            return encoder
        said.append(f"{encoder.codec}: {problem}")
    raise ConfigError(f"encoder {kind} does not work here ({'; '.join(said)}); expected `auto` or `software`")


@functools.cache
def _tell_once(codec: str, name: str) -> None:
    log.info("H.264 by %s (%s)", codec, name)


def set_up(context: VideoCodecContext, encoder: Encoder, size: tuple[int, int], *, is_grey: bool = False) -> None:
    """Tell an encoder that is not open yet about the pictures that come.

    Args:
        context: The encoder.
        encoder: Which it is.
        size: Width and height of the pictures [px]; odd ones grow by one.
        is_grey: Whether they have one channel: such pictures are coded with the full range of brightness.
    """
    context.width, context.height = size[0] + size[0] % 2, size[1] + size[1] % 2
    context.pix_fmt = encoder.pix_fmt
    context.time_base = Fraction(TICK_NS, NS_PER_S)
    # What OpenCV's conversion gives, said so that players don't take large pictures for BT.709.
    context.colorspace = Colorspace.ITU601
    context.color_range = ColorRange.JPEG if is_grey else ColorRange.MPEG


def frame_of(picture: Pixels, time_ns: int, *, is_keyframe: bool) -> av.VideoFrame:
    """A picture for the encoder; odd sizes grow by one repeated row or column.

    Args:
        picture: (H, W, 3) BGR or (H, W) uint8; not to be changed before it is coded.
        time_ns: When it is from [ns, since the first].
        is_keyframe: Whether a decoder is to be able to begin with it.
    """
    height, width = picture.shape[:2]
    if height % 2 or width % 2:
        even = cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        picture = even.astype(np.uint8, copy=False)
    planes = _planes(picture)
    # Without a copy where PyAV can: it finds the chroma planes only if they have whole rows of the array.
    whole_rows = picture.shape[0] % 4 == 0
    frame = (av.VideoFrame.from_numpy_buffer if whole_rows else av.VideoFrame.from_ndarray)(
        planes, format="yuv420p"
    )
    frame.color_range = ColorRange.JPEG if picture.ndim == 2 else ColorRange.MPEG
    frame.pts = time_ns // TICK_NS
    frame.time_base = Fraction(TICK_NS, NS_PER_S)
    if is_keyframe:
        frame.pict_type = PictureType.I
    return frame


def picture_of(frame: av.VideoFrame) -> Pixels:
    """A decoded picture: (H, W) uint8 if it was grey, (H, W, 3) BGR uint8 otherwise."""
    if frame.color_range == ColorRange.JPEG:
        plane = frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)
        return rows[:, : frame.width].copy()
    planes = frame.to_ndarray(format="yuv420p")
    return cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420).astype(np.uint8, copy=False)


def is_entry_point(coded: bytes) -> bool:
    """Whether a decoder can begin with a coded picture (Annex B): its parameters, then an IDR picture.

    Example:
        >>> is_entry_point(bytes.fromhex("00000167 000001 65")), is_entry_point(bytes.fromhex("00000141"))
        (True, False)
    """
    has_parameters = False
    place = coded.find(START)
    while 0 <= place < len(coded) - len(START):
        kind = coded[place + len(START)] & 31
        if kind in (SLICE, IDR_SLICE):
            return kind == IDR_SLICE and has_parameters
        has_parameters |= kind == SEQUENCE_PARAMETERS
        place = coded.find(START, place + len(START))
    return False


def _planes(picture: Pixels) -> Pixels:
    if picture.ndim == 3:
        return cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
    height, width = picture.shape
    planes = np.full((height + height // 2, width), 128, np.uint8)
    planes[:height] = picture
    return planes


def problem_of(encoder: Encoder, in_band: bool, size: tuple[int, int]) -> str:
    """Why an encoder can't be used; empty if it coded three pictures in order, with keyframes as asked."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    try:
        context = av.CodecContext.create(encoder.codec, "w")
        assert isinstance(context, VideoCodecContext)
        set_up(context, encoder, size)
        context.framerate = Fraction(USUAL_FPS)
        context.options = encoder.options(USUAL_CRF, width * height)
        if not in_band:
            context.flags |= Flags.global_header
        frames = [frame_of(picture, n * TICK_NS, is_keyframe=key) for n, key in enumerate(TRIED_KEYFRAMES)]
        packets = [packet for frame in (*frames, None) for packet in context.encode(frame)]
    except (av.FFmpegError, ValueError) as exc:
        return exc.strerror or "" if isinstance(exc, OSError) else str(exc)
    if [packet.pts for packet in packets] != [frame.pts for frame in frames]:
        return "its pictures come out of order"
    begins = [is_entry_point(bytes(packet)) if in_band else packet.is_keyframe for packet in packets]
    if begins != TRIED_KEYFRAMES:
        return "its keyframes are not where they are asked for"
    return "" if in_band or context.extradata else "it tells no parameters beforehand"
