"""What users of other libraries report of latest-only links and of subscribers that come and go."""

import os
import time
from contextlib import ExitStack, closing

import numpy as np
import psutil

from irvis.frame import Frame, Modality
from irvis.topics import Topic
from irvis.wire import End, end_of
from pipeline.transport import Publisher, Subscriber

DEADLINE_S = 60.0
FRAMES = 200
WARM_UP, RECONNECTS = 20, 200
MOST_GROWTH_BYTES = 8 << 10
"""For each subscriber that came and went; in another system an idle publisher kept 16 KiB."""


def frame(seq: int) -> Frame:
    counts = np.full((48, 64), 300 + seq, np.uint16)
    return Frame(Modality.INFRARED, np.full((48, 64), seq, np.uint8), seq, seq, seq, 7, counts=counts)


def test_each_of_several_latest_subscribers_gets_whole_messages_and_knows_what_it_missed(endpoint: str) -> None:
    with ExitStack() as stack:
        publisher = stack.enter_context(closing(Publisher(endpoint, Topic.INFRARED)))
        subscribers = [stack.enter_context(closing(Subscriber(endpoint, Topic.INFRARED))) for _ in range(3)]
        assert publisher.wait_for_subscribers(DEADLINE_S, latest=3)
        for seq in range(FRAMES):  # nobody reads meanwhile
            publisher.publish(frame(seq))
        publisher.publish(end_of(7, FRAMES))
        for subscriber in subscribers:
            received, deadline_s = 0, time.monotonic() + DEADLINE_S
            while not isinstance(message := subscriber.receive(0.01), End):
                assert time.monotonic() < deadline_s
                if isinstance(message, Frame):
                    received += 1
                    assert message.counts is not None
                    np.testing.assert_array_equal(message.pixels, message.seq)
                    np.testing.assert_array_equal(message.counts, 300 + message.seq)
                else:
                    publisher.publish(end_of(7, FRAMES))  # of what a full queue dropped
            assert 0 < received < FRAMES
            assert subscriber.dropped == {"lost_in_transport": FRAMES - received}


def test_a_publisher_that_sends_nothing_keeps_nothing_of_subscribers_that_came_and_went(endpoint: str) -> None:
    process = psutil.Process(os.getpid())
    with closing(Publisher(endpoint, Topic.INFRARED)) as publisher:
        before = 0
        for turn in range(WARM_UP + RECONNECTS):
            before = process.memory_info().rss if turn == WARM_UP else before
            with closing(Subscriber(endpoint, Topic.INFRARED)):
                assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
        growth = process.memory_info().rss - before
    assert growth < RECONNECTS * MOST_GROWTH_BYTES
