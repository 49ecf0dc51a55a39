"""The wire: what goes in comes out, and nothing that comes in can do worse than a WireError."""

import dataclasses

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from irvis.errors import WireError
from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract
from irvis.wire import VERSION, End, Message, Part, decode, encode, end_of

stamps = st.integers(0, 2**62)
sides = st.integers(1, 9)
words = st.text("abc µ/0", max_size=8)
counts = st.dictionaries(words, st.integers(0, 2**40), max_size=3)
contracts = st.builds(
    PairContract,
    skew_ns=st.none() | st.integers(-(2**62), 2**62),
    visible_age_ns=stamps,
    infrared_age_ns=st.none() | stamps,
    infrared_state=st.sampled_from(InfraredState),
    rig_id=words,
    engine=words,
    stages_ms=st.dictionaries(words, st.floats(0, 1e6), max_size=3),
    dropped=counts,
)
ends = st.builds(end_of, stamps, stamps)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    modality = draw(st.sampled_from(Modality))
    shape = (draw(sides), draw(sides), *((3,) if modality is Modality.VISIBLE else ()))
    return Frame(modality, draw(arrays(np.uint8, shape)), draw(stamps), draw(stamps), draw(stamps), draw(stamps))


@st.composite
def fused_frames(draw: st.DrawFn) -> FusedFrame:
    size = draw(sides), draw(sides)
    colour, plane = arrays(np.uint8, (*size, 3)), arrays(np.uint8, size)
    stamp_ns, captured_ns, published_ns, seq, stream_id = (draw(stamps) for _ in range(5))
    pictures = draw(colour), draw(plane)
    frame = FusedFrame(*pictures, stamp_ns, captured_ns, published_ns, seq, stream_id, draw(contracts))
    inputs = draw(st.booleans())
    return dataclasses.replace(frame, visible=draw(colour), infrared=draw(plane)) if inputs else frame


def sent(message: Message) -> list[bytes]:
    return [bytes(part) for part in encode(message)]


def assert_same(one: object, other: object) -> None:
    assert type(one) is type(other)
    for field in dataclasses.fields(one):  # type: ignore[arg-type]
        np.testing.assert_equal(getattr(other, field.name), getattr(one, field.name))


@given(frames() | fused_frames())
def test_pictures_come_out_as_they_went_in(message: Message) -> None:
    assert_same(message, decode(sent(message)))


@given(ends)
def test_ends_come_out_as_they_went_in(message: End) -> None:
    assert decode(sent(message)) == message


@given(st.lists(st.binary(max_size=64), max_size=5))
def test_noise_is_a_wire_error(parts: list[Part]) -> None:
    with pytest.raises(WireError):
        decode(parts)


@given(frames() | fused_frames(), st.data())
def test_damaged_header_is_a_message_or_a_wire_error(message: Message, data: st.DataObject) -> None:
    parts = sent(message)
    header = bytearray(parts[0])
    place = data.draw(st.integers(0, len(header) - 1))
    header[place] ^= data.draw(st.integers(1, 255))
    try:
        again = decode([bytes(header), *parts[1:]])
    except WireError:
        return
    assert isinstance(again, Frame | FusedFrame | End)


@given(frames() | fused_frames(), st.data())
def test_truncated_message_is_a_wire_error(message: Message, data: st.DataObject) -> None:
    parts = sent(message)
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = parts[place][: data.draw(st.integers(0, len(parts[place]) - 1))]
    with pytest.raises(WireError):
        decode(parts)


@given(frames() | fused_frames(), st.data())
def test_missing_or_extra_part_is_a_wire_error(message: Message, data: st.DataObject) -> None:
    parts = sent(message)
    wrong = data.draw(st.sampled_from([parts[:-1], [*parts, b""], [*parts, parts[-1]]]))
    with pytest.raises(WireError):
        decode(wrong)


def test_other_version_says_which_side_to_update() -> None:
    message = msgspec.structs.replace(end_of(1, 2), version=VERSION + 1)
    with pytest.raises(WireError, match=f"wire version {VERSION + 1}: this node speaks {VERSION}; update"):
        decode(sent(message))


def test_giant_header_is_not_read() -> None:
    with pytest.raises(WireError, match="header of 70000 bytes: expected 65536 or fewer"):
        decode([b"x" * 70_000])


@pytest.mark.parametrize("shape", [(0, 4), (-1, 4), (20_000, 1), (2, 2, 3), (4,)])
def test_infrared_shape_out_of_range_is_a_wire_error(shape: tuple[int, ...]) -> None:
    header = msgspec.msgpack.encode(["frame", VERSION, "infrared", 0, 0, 0, 0, shape])
    with pytest.raises(WireError):
        decode([header, b"\0" * 4])


def test_pixels_are_sent_and_read_without_a_copy() -> None:
    pixels = np.zeros((4, 6), np.uint8)
    frame = Frame(Modality.INFRARED, pixels, 0, 0, 0, 0)
    again = decode(encode(frame))
    assert isinstance(again, Frame)
    assert np.shares_memory(again.pixels, pixels)


def test_pictures_with_gaps_in_memory_are_sent_whole() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(6, 8)[::2, ::2]
    again = decode(sent(Frame(Modality.INFRARED, pixels, 0, 0, 0, 0)))
    assert isinstance(again, Frame)
    np.testing.assert_array_equal(again.pixels, pixels)


def test_a_thermal_frame_keeps_its_counts_and_trigger() -> None:
    counts = np.arange(48, dtype=np.uint16).reshape(6, 8) * 1000
    sent = Frame(Modality.INFRARED, (counts >> 8).astype(np.uint8), 1, 2, 3, 4, trigger=77, counts=counts)
    received = decode([bytes(part) for part in encode(sent)])
    assert isinstance(received, Frame)
    assert received.trigger == 77
    assert received.counts is not None
    assert np.array_equal(received.counts, counts)
    with pytest.raises(WireError, match="expected 96 for shape"):
        decode([*encode(sent)[:2], b"short"])
