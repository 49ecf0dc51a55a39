"""Messages over real sockets: what arrives, what is counted, and who waits for whom."""

import logging
import socket
import threading
import time
from contextlib import ExitStack, closing

import numpy as np
import pytest
import zmq

from irvis.errors import WireError
from irvis.frame import Frame, Modality
from irvis.topics import Topic
from irvis.wire import End, Message, encode, end_of
from pipeline.transport import Publisher, Subscriber, poll

DEADLINE_S = 60.0
STREAM = 7


def frame(seq: int, side_px: int = 8, stream_id: int = STREAM) -> Frame:
    pixels = np.full((side_px, side_px, 3), seq % 256, np.uint8)
    return Frame(Modality.VISIBLE, pixels, seq * 40_000_000, seq * 40_000_000 + 5, seq, stream_id)


def seqs_until_end(subscriber: Subscriber) -> list[int]:
    seqs: list[int] = []
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        message = subscriber.receive(1.0)
        if isinstance(message, End):
            return seqs
        if message is not None:
            seqs.append(message.seq)
    raise AssertionError(f"no End after {len(seqs)} frames")


def publish_all(publisher: Publisher, frames: int, side_px: int = 8) -> None:
    for seq in range(frames):
        assert publisher.publish(frame(seq, side_px))
    assert publisher.publish(end_of(STREAM, frames))


def test_a_frame_arrives_as_it_was_sent(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    sent = frame(3, side_px=300)
    assert publisher.publish(sent)
    got = subscriber.receive(DEADLINE_S)
    assert isinstance(got, Frame)
    np.testing.assert_array_equal(got.pixels, sent.pixels)
    assert (got.seq, got.stamp_ns, got.captured_ns, got.stream_id) == (3, sent.stamp_ns, sent.captured_ns, STREAM)
    assert not got.pixels.flags.writeable


def test_lossless_fan_out_loses_nothing_with_a_slow_subscriber(endpoint: str, stack: ExitStack) -> None:
    frames = 200
    publisher = Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=2)
    fast = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    slow = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    received: dict[str, list[int]] = {}
    reader = threading.Thread(target=lambda: received.update(fast=seqs_until_end(fast)))

    def write() -> None:
        with closing(publisher):
            publish_all(publisher, frames, side_px=256)

    writer = threading.Thread(target=write)
    reader.start()
    writer.start()
    # The publisher is as far as the queues are long, and waits: only then does the slow one begin.
    first = slow.receive(DEADLINE_S)
    assert isinstance(first, Frame)
    seqs = [first.seq]
    while seqs[-1] < frames - 1:
        message = slow.receive(DEADLINE_S)
        assert isinstance(message, Frame)
        assert (message.pixels == message.seq % 256).all()
        seqs.append(message.seq)
    assert isinstance(slow.receive(DEADLINE_S), End)
    writer.join(DEADLINE_S)
    reader.join(DEADLINE_S)
    assert seqs == received["fast"] == list(range(frames))
    assert not fast.dropped
    assert not slow.dropped


def test_a_lossless_publisher_waits_where_nobody_reads(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)))
    stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    assert publisher.wait_for_subscribers(DEADLINE_S)
    looks = 0

    def stop_after_ten_looks() -> bool:
        nonlocal looks
        looks += 1
        return looks > 10

    sent = 0
    while publisher.publish(frame(sent, side_px=1024), stop_after_ten_looks):
        sent += 1
        assert sent < 100, "the queues are not bounded"
    assert sent >= 8
    publisher.close(0.0)


def test_a_lossless_publisher_waits_for_its_subscribers_until_it_is_stopped(
    endpoint: str, stack: ExitStack
) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)))
    stop = threading.Event()
    stop.set()
    assert publisher.publish(frame(0), stop) is False
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    assert publisher.publish(frame(1))
    got = subscriber.receive(DEADLINE_S)
    assert isinstance(got, Frame)
    assert got.seq == 1


def test_a_latest_subscriber_that_never_reads_does_not_hold_the_publisher_up(
    endpoint: str, stack: ExitStack
) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    big = frame(0, side_px=1024)
    for _ in range(300):  # 900 MiB, if it were kept
        assert publisher.publish(big)
    kept = 0
    while subscriber.receive(0.2) is not None:
        kept += 1
    assert 1 <= kept <= 24


def test_receive_newest_skips_and_counts_the_older_ones_but_not_the_end(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    for seq in range(3):
        publisher.publish(frame(seq))
    publisher.publish(end_of(STREAM, 3))
    seen: list[Message] = []
    while not (seen and isinstance(seen[-1], End)):
        assert poll([subscriber], DEADLINE_S) == [subscriber]
        message = subscriber.receive_newest()
        assert message is not None
        seen.append(message)
    last = seen[-2]
    assert isinstance(last, Frame)
    assert last.seq == 2
    assert len(seen) - 1 + subscriber.dropped["superseded"] == 3


def test_the_end_arrives_on_a_latest_link_whose_queue_was_full(endpoint: str, stack: ExitStack) -> None:
    publisher = Publisher(endpoint, Topic.VISIBLE)
    subscriber = Subscriber(endpoint, Topic.VISIBLE)
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    publish_all(publisher, 50, side_px=1024)
    closer = threading.Thread(target=publisher.close)
    closer.start()
    seqs = seqs_until_end(subscriber)
    assert len(seqs) + subscriber.dropped["lost_in_transport"] == 50
    assert subscriber.receive(0.2) is None, "an End came twice"
    subscriber.close()
    closer.join(DEADLINE_S)
    assert not closer.is_alive()


def test_an_end_on_a_latest_link_can_be_waited_for(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    subscriber = Subscriber(endpoint, Topic.VISIBLE)
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    publish_all(publisher, 50, side_px=1024)
    looks = iter(range(5))
    assert not publisher.await_end(lambda: next(looks) == 4, latest=True), "nobody has read it"
    waiter = threading.Thread(target=lambda: publisher.await_end(latest=True))
    waiter.start()
    seqs = seqs_until_end(subscriber)
    assert len(seqs) + subscriber.dropped["lost_in_transport"] == 50
    # It unsubscribes for a moment to say that it has it, which ZeroMQ does from inside its calls.
    while waiter.is_alive():
        assert subscriber.receive(0.01) is None, "an End came twice"
    subscriber.close()


def test_a_publisher_that_closes_at_once_loses_nothing_of_a_slow_subscriber(
    endpoint: str, stack: ExitStack
) -> None:
    publisher = Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    publish_all(publisher, 100)  # small ones: the system's own buffers take them all
    closer = threading.Thread(target=publisher.close)
    closer.start()
    closer.join(0.3)
    assert closer.is_alive(), "it went before the End was read"
    assert seqs_until_end(subscriber) == list(range(100))
    closer.join(DEADLINE_S)
    assert not closer.is_alive()


def test_undecodable_messages_are_counted_and_logged_once_a_second(
    endpoint: str, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    context = stack.enter_context(zmq.Context())
    raw = stack.enter_context(closing(context.socket(zmq.XPUB)))
    raw.bind(endpoint)
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    assert raw.recv() == b"\x01visible"
    header, pixels = encode(frame(0))
    infrared = encode(Frame(Modality.INFRARED, np.zeros((2, 2), np.uint8), 0, 0, 0, 1))
    bad: list[list[bytes | memoryview]] = [
        [],
        [b""],
        [header],
        [header, pixels[:-1]],
        [header, pixels, pixels],
        infrared,
    ]
    caplog.set_level(logging.WARNING)
    with caplog.at_level(logging.WARNING):
        for parts in bad:
            raw.send_multipart([b"visible", *parts])
            assert subscriber.receive(0.05) is None
        raw.send_multipart([b"visible2", header, pixels])
        raw.send_multipart([b"visible", header, pixels])
        good = subscriber.receive(DEADLINE_S)
    assert isinstance(good, Frame)
    assert subscriber.dropped == {"undecodable": len(bad) + 1}
    assert len(caplog.records) <= 2


def test_a_hostile_size_is_refused_before_memory_is_taken(endpoint: str, stack: ExitStack) -> None:
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    listener = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
    listener.bind(endpoint.removeprefix("ipc://"))
    listener.listen()
    listener.settimeout(DEADLINE_S)
    peer = stack.enter_context(closing(listener.accept()[0]))
    peer.settimeout(DEADLINE_S)
    greeting = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL" + bytes(16) + b"\0" + bytes(31)
    ready = b"\x05READY\x0bSocket-Type\0\0\0\x03PUB"
    peer.sendall(greeting + bytes([4, len(ready)]) + ready)
    peer.sendall(b"\x01\x07visible" + b"\x02" + (1 << 40).to_bytes(8, "big"))
    while peer.recv(4096):  # until it hangs up
        pass
    assert subscriber.receive() is None


def test_a_publisher_survives_a_subscriber_that_dies_and_serves_the_next(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)))
    first = Subscriber(endpoint, Topic.VISIBLE, "lossless")
    assert publisher.publish(frame(0))
    assert first.receive(DEADLINE_S) is not None
    sent = 1
    looks = iter(range(100))
    while publisher.publish(frame(sent, side_px=1024), lambda: next(looks) > 2):
        sent += 1
    first.close()
    second = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    got = None
    for seq in range(1000, 1100):  # those published before its death is noticed are lost with it
        assert publisher.publish(frame(seq))
        got = got or second.receive(0.1)
        if got:
            break
    assert isinstance(got, Frame)
    assert got.seq == seq


def test_a_subscriber_finds_a_publisher_that_returns(endpoint: str, stack: ExitStack) -> None:
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    deadline_s = time.monotonic() + DEADLINE_S
    for stream_id in (1, 2):
        with closing(Publisher(endpoint, Topic.VISIBLE)) as publisher:
            # ZeroMQ subscribes again from inside the subscriber's own calls.
            while not publisher.wait_for_subscribers(0.01, latest=1):
                assert subscriber.receive() is None
                assert time.monotonic() < deadline_s
            publisher.publish(frame(0, stream_id=stream_id))
            got = subscriber.receive(DEADLINE_S)
            assert isinstance(got, Frame)
            assert got.stream_id == stream_id


def test_an_image_larger_than_subscribers_take_is_not_sent(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    huge = np.zeros((7000, 7000, 3), np.uint8)
    with pytest.raises(WireError, match="147000000 bytes"):
        publisher.publish(Frame(Modality.VISIBLE, huge, 0, 0, 0, 0))
