"""Large images on one host: copied once, looked at in place, never changed there, gone with the process."""

import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from irvis.frame import Frame, Modality, Pixels
from irvis.topics import Link, Topic
from pipeline.transport import Publisher, Subscriber, shared_reader
from pipeline.transport.shared import MAGIC, SLOTS, Descriptor
from pipeline.transport.shared_reader import NotReachable

DEADLINE_S = 60.0
SHAPE = (480, 640, 3)

PUBLISHER = """
import sys, time, numpy as np
from irvis.frame import Frame, Modality
from irvis.topics import Topic
from pipeline.transport import Publisher
publisher = Publisher(sys.argv[1], Topic.VISIBLE)
seq = 0
while publisher.wait_for_subscribers(30, latest=1):
    publisher.publish(Frame(Modality.VISIBLE, np.full((480, 640, 3), seq % 251, np.uint8), seq, 0, seq, 1))
    seq += 1
    time.sleep(0.005)
"""


def frame(seq: int) -> Frame:
    return Frame(Modality.VISIBLE, np.full(SHAPE, seq % 251, np.uint8), seq, 0, seq, 1)


def received(subscriber: Subscriber) -> Frame:
    message = subscriber.receive(DEADLINE_S)
    assert isinstance(message, Frame)
    return message


def is_in_shared_memory(pixels: Pixels) -> bool:
    address = pixels.__array_interface__["data"][0]
    for line in Path("/proc/self/maps").read_text().splitlines():
        start, end = (int(part, 16) for part in line.split(maxsplit=1)[0].split("-"))
        if start <= address < end:
            return "memfd:irvis" in line
    return False


def test_a_frame_is_copied_once_however_many_look_at_it(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)))
    links: tuple[Link, ...] = ("latest", "latest", "lossless")
    subscribers = [stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, link))) for link in links]
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=2)
    for seq in range(3 * SLOTS):
        assert publisher.publish(frame(seq))
        for subscriber in subscribers:
            pixels = received(subscriber).pixels
            assert is_in_shared_memory(pixels)
            assert not pixels.flags.writeable
            assert (pixels == seq % 251).all()
    assert publisher.copied_bytes == 3 * SLOTS * np.prod(SHAPE)


def test_what_a_subscriber_still_looks_at_is_never_written(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)))
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    assert publisher.wait_for_subscribers(DEADLINE_S)
    held = []
    for seq in range(3 * SLOTS):
        assert publisher.publish(frame(seq))
        held.append(received(subscriber))
    assert [int(each.pixels[0, 0, 0]) for each in held] == [seq % 251 for seq in range(3 * SLOTS)]
    assert all((each.pixels == each.pixels[0, 0, 0]).all() for each in held)
    assert sum(is_in_shared_memory(each.pixels) for each in held) == SLOTS, "the others came through the socket"
    held.clear()
    assert publisher.publish(frame(0))
    assert is_in_shared_memory(received(subscriber).pixels)


def test_a_lossless_link_loses_nothing_to_a_slow_reader(endpoint: str, stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)))
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")))
    assert publisher.wait_for_subscribers(DEADLINE_S)
    sent, seen = 0, 0
    while seen < 60:
        while sent < 60 and publisher.publish(frame(sent), lambda: True):
            sent += 1
        message = received(subscriber)
        assert (message.seq, int(message.pixels[5, 5, 1])) == (seen, seen)
        seen += 1
    assert not subscriber.dropped


def test_where_memory_can_not_be_reached_images_come_through_the_socket(
    endpoint: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(where: Descriptor) -> int:
        raise NotReachable("another container")

    monkeypatch.setattr(shared_reader, "_open", unreachable)
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    deadline_s = time.monotonic() + DEADLINE_S
    message = None
    for seq in range(1000):
        publisher.publish(frame(seq))
        message = subscriber.receive(0.02)
        if message is not None or time.monotonic() > deadline_s:
            break
    assert isinstance(message, Frame)
    assert not is_in_shared_memory(message.pixels)


def test_a_killed_publisher_leaves_no_memory_behind(endpoint: str, stack: ExitStack) -> None:
    before = set(Path("/dev/shm").iterdir())
    process = subprocess.Popen([sys.executable, "-c", PUBLISHER, endpoint])
    stack.callback(process.wait)
    stack.callback(process.kill)
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    first = received(subscriber)
    assert is_in_shared_memory(first.pixels)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (first.pixels == first.seq % 251).all(), "what is looked at stays until it is let go"
    assert set(Path("/dev/shm").iterdir()) == before


@pytest.mark.parametrize(
    "part",
    [
        MAGIC,
        MAGIC + b"\x97" + bytes(7),
        MAGIC + b"\x97\x01\x00\x01\x00\xcd\x10\x00\x01\x91\xcd\x10\x00",
    ],
    ids=["cut short", "wrong types", "a file that is no memory"],
)
def test_a_hostile_descriptor_is_counted_and_opens_nothing(endpoint: str, stack: ExitStack, part: bytes) -> None:
    publisher = stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    subscriber = stack.enter_context(closing(Subscriber(endpoint, Topic.VISIBLE)))
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    publisher.publish_parts([part, b""])
    publisher.publish(frame(0))
    assert received(subscriber).seq == 0
    assert subscriber.dropped["undecodable"] == 1
