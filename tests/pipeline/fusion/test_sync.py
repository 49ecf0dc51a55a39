"""Pairing by stamps: the claims hold for every mix of rates, offsets, losses and orders of arrival."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irvis.clock import NS_PER_MS
from irvis.frame import Frame, FramePair, InfraredState, Modality
from irvis.settings import Sync
from pipeline.fusion.sync import PairSync

VISIBLE, INFRARED = Modality.VISIBLE, Modality.INFRARED
PIXELS = np.zeros((1, 1), np.uint8)
NEVER_NS = 10**15


def frame(modality: Modality, stamp_ms: float, seq: int = 0, stream_id: int = 1) -> Frame:
    return Frame(modality, PIXELS, round(stamp_ms * NS_PER_MS), 0, seq, stream_id)


def stream(modality: Modality, stamps_ms: Iterable[float]) -> list[Frame]:
    return [frame(modality, stamp_ms, seq) for seq, stamp_ms in enumerate(stamps_ms)]


def pair_all(sync: PairSync, now_ns: int = 0) -> list[FramePair]:
    return list(iter(lambda: sync.pop(now_ns), None))


def feed(sync: PairSync, *streams: list[Frame]) -> list[FramePair]:
    """In the order of stamps, as live cameras would; then the end of both."""
    pairs = []
    for each in sorted(chain(*streams), key=lambda frame: frame.stamp_ns):
        sync.push(each, each.stamp_ns)
        pairs += pair_all(sync, each.stamp_ns)
    for modality in Modality:
        sync.end(modality)
    return pairs + pair_all(sync, NEVER_NS)


def states(pairs: list[FramePair]) -> Counter[str]:
    return Counter(pair.infrared_state.value for pair in pairs)


def rate(hz: float, seconds: float = 2.0, offset_ms: float = 0.0) -> list[float]:
    return [offset_ms + 1000 * k / hz for k in range(int(hz * seconds))]


stamps = st.lists(st.integers(0, 400), unique=True, max_size=40).map(sorted)
links = st.sampled_from(["latest", "lossless"])


@given(
    visible=stamps,
    infrared=stamps,
    link=links,
    size=st.integers(1, 4),
    on_lost=st.sampled_from(["visible_only", "drop"]),
    order=st.randoms(use_true_random=False),
    waits=st.lists(st.sampled_from([0, 30, 70]), min_size=1, max_size=8),
)
def test_every_frame_is_used_counted_or_still_queued_and_reading_never_stalls(
    visible: list[int], infrared: list[int], link: str, size: int, on_lost: str, order: Random, waits: list[int]
) -> None:
    sync = PairSync(Sync(link=link, queue_size=size, on_lost=on_lost, slop_ms=15, hold_ms=60, wait_ms=50))
    unread = {VISIBLE: stream(VISIBLE, visible), INFRARED: stream(INFRARED, infrared)}
    pushed: Counter[Modality] = Counter()
    pairs: list[FramePair] = []
    now_ns = 0
    while any(unread.values()):
        pairs += pair_all(sync, now_ns)
        for modality, left in unread.items():
            if not left:
                sync.end(modality)
        pairs += pair_all(sync, now_ns)
        readable = [modality for modality, left in unread.items() if left and sync.wants(modality)]
        assert readable, "neither camera is wanted though frames are left"
        modality = order.choice(readable)
        sync.push(unread[modality].pop(0), now_ns)
        pushed[modality] += 1
        now_ns += waits[pushed.total() % len(waits)] * NS_PER_MS
        assert all(len(list(sync.queued(modality))) <= size + 1 for modality in Modality)
    pairs += pair_all(sync, now_ns)

    used = {id(pair.infrared) for pair in pairs if pair.infrared is not None}
    dropped = {m: sum(n for reason, n in sync.dropped.items() if reason.startswith(m)) for m in Modality}
    assert pushed[VISIBLE] == len(pairs) + dropped[VISIBLE] + len(list(sync.queued(VISIBLE)))
    assert pushed[INFRARED] == len(used) + dropped[INFRARED] + len(list(sync.queued(INFRARED)))
    in_order = [pair.visible.stamp_ns for pair in pairs]
    assert in_order == sorted(set(in_order))
    if link == "lossless":
        assert set(sync.dropped) <= {"visible_unmatched", "infrared_unmatched"}


@given(visible=stamps, infrared=stamps, size=st.integers(1, 5), order=st.randoms(use_true_random=False))
def test_lossless_pairing_depends_on_stamps_alone(
    visible: list[int], infrared: list[int], size: int, order: Random
) -> None:
    sync = PairSync(Sync(link="lossless", queue_size=size, slop_ms=15, hold_ms=60))
    unread = {VISIBLE: stream(VISIBLE, visible), INFRARED: stream(INFRARED, infrared)}
    pairs: list[FramePair] = []
    while not sync.is_over:
        for modality, left in unread.items():
            if not left:
                sync.end(modality)
        pairs += pair_all(sync)
        readable = [modality for modality, left in unread.items() if left and sync.wants(modality)]
        if readable:
            sync.push(unread[order.choice(readable)].pop(0), 0)
    assert [pair.visible.stamp_ns // NS_PER_MS for pair in pairs] == visible
    for pair in pairs:
        stamp = pair.visible.stamp_ns // NS_PER_MS
        distance = min((abs(ir - stamp) for ir in infrared), default=None)
        past = min((stamp - ir for ir in infrared if ir <= stamp), default=None)
        if distance is not None and distance <= 15:
            assert pair.infrared_state is InfraredState.LIVE
            assert pair.skew_ns is not None
            assert abs(pair.skew_ns) == distance * NS_PER_MS
        elif past is not None and past <= 60:
            assert pair.infrared_state is InfraredState.HELD
            assert pair.skew_ns == -past * NS_PER_MS
        else:
            assert (pair.infrared_state, pair.infrared) == (InfraredState.LOST, None)


@pytest.mark.parametrize("link", ["latest", "lossless"])
@pytest.mark.parametrize("hz", [9, 25, 30])
def test_equal_stamps_are_all_live_without_skew(link: str, hz: int) -> None:
    sync = PairSync(Sync(link=link))
    pairs = feed(sync, stream(VISIBLE, rate(hz)), stream(INFRARED, rate(hz)))
    assert states(pairs) == {"live": 2 * hz}
    assert {pair.skew_ns for pair in pairs} == {0}
    assert not sync.dropped


@given(
    visible_hz=st.sampled_from([9, 25, 30]),
    infrared_hz=st.sampled_from([9, 25, 30]),
    offset_ms=st.floats(0, 100),
    link=links,
)
def test_each_camera_rate_gives_the_nearest_infrared_within_the_slop(
    visible_hz: int, infrared_hz: int, offset_ms: float, link: str
) -> None:
    settings = Sync(link=link, slop_ms=20, hold_ms=250, wait_ms=1000)
    infrared = stream(INFRARED, rate(infrared_hz, offset_ms=offset_ms))
    pairs = feed(PairSync(settings), stream(VISIBLE, rate(visible_hz)), infrared)
    assert len(pairs) == 2 * visible_hz
    for pair in pairs:
        nearest_ns = min(abs(ir.stamp_ns - pair.visible.stamp_ns) for ir in infrared)
        if nearest_ns <= 20 * NS_PER_MS:
            assert pair.skew_ns is not None
            assert abs(pair.skew_ns) == nearest_ns
        else:
            assert pair.infrared_state is not InfraredState.LIVE


def test_a_nine_hertz_infrared_is_held_between_its_frames() -> None:
    sync = PairSync(Sync())
    pairs = feed(sync, stream(VISIBLE, rate(30)), stream(INFRARED, rate(9)))
    assert states(pairs)["live"] == 18
    assert states(pairs)["lost"] == 0
    assert all((pair.skew_ns or 0) <= 0 for pair in pairs if pair.infrared_state is InfraredState.HELD)


def test_a_shorter_infrared_stream_is_held_and_then_lost() -> None:
    sync = PairSync(Sync(hold_ms=200))
    pairs = feed(sync, stream(VISIBLE, rate(25)), stream(INFRARED, rate(25, seconds=1.0)))
    assert [pair.infrared_state.value for pair in pairs] == ["live"] * 25 + ["held"] * 5 + ["lost"] * 20


def test_lost_frames_are_dropped_and_counted_where_that_is_asked_for() -> None:
    sync = PairSync(Sync(on_lost="drop", hold_ms=0))
    pairs = feed(sync, stream(VISIBLE, rate(25)), stream(INFRARED, rate(25, seconds=1.0)))
    assert states(pairs) == {"live": 25}
    assert sync.dropped == {"visible_unmatched": 25}


def test_infrared_between_the_visible_frames_is_counted_as_unmatched() -> None:
    sync = PairSync(Sync(slop_ms=5))
    feed(sync, stream(VISIBLE, rate(10)), stream(INFRARED, rate(30)))
    assert sync.dropped == {"infrared_unmatched": 40}


def test_a_latest_link_gives_up_waiting_and_a_lossless_link_does_not() -> None:
    waited_ns = 60 * NS_PER_MS
    for link, expected in (("latest", [InfraredState.LOST]), ("lossless", [])):
        sync = PairSync(Sync(link=link, wait_ms=60))
        sync.push(frame(VISIBLE, 0), now_ns=5)
        assert sync.wait_ns(now_ns=5) == (waited_ns if link == "latest" else None)
        assert sync.pop(now_ns=waited_ns) is None
        assert [pair.infrared_state for pair in pair_all(sync, now_ns=NEVER_NS)] == expected


def test_a_latest_link_does_not_wait_for_an_infrared_frame_that_is_not_due() -> None:
    sync = PairSync(Sync(slop_ms=20, wait_ms=60))
    for each in stream(INFRARED, [0, 111, 222, 333, 444]):
        sync.push(each, 0)
    sync.push(frame(VISIBLE, 484), 0)
    pair = sync.pop(0)
    assert pair is not None
    assert (pair.infrared_state, pair.skew_ns) == (InfraredState.HELD, -40 * NS_PER_MS)


def test_frames_that_come_late_or_twice_are_counted() -> None:
    sync = PairSync(Sync(link="lossless"))
    for modality in Modality:
        for stamp_ms in (40, 80, 80, 0):
            sync.push(frame(modality, stamp_ms), 0)
    assert len(pair_all(sync)) == 2
    assert sync.dropped == {f"{m}_{reason}": 1 for m in Modality for reason in ("duplicate", "late")}


def test_a_new_stream_begins_again_with_lower_stamps() -> None:
    sync = PairSync(Sync(link="lossless"))
    for stream_id, stamp_ms in ((1, 1000), (2, 0)):
        for modality in Modality:
            sync.push(frame(modality, stamp_ms, stream_id=stream_id), 0)
        pair = sync.pop(0)
        assert pair is not None
        assert (pair.infrared_state, pair.visible.stream_id) == (InfraredState.LIVE, stream_id)


def test_a_clock_that_was_set_back_costs_a_few_frames_only() -> None:
    sync = PairSync(Sync())
    pairs = []
    for stamps_ms in (rate(25), rate(25)):
        for stamp_ms in stamps_ms:
            for modality in Modality:
                sync.push(frame(modality, stamp_ms), 0)
            pairs += pair_all(sync)
    assert len(pairs) == 100 - 7
    assert sync.dropped["visible_late"] == 7


def test_a_latest_link_forgets_the_oldest_infrared_when_no_visible_comes() -> None:
    sync = PairSync(Sync(queue_size=3))
    for each in stream(INFRARED, rate(25)):
        sync.push(each, 0)
    assert sync.dropped == {"infrared_overflow": 47}


def test_the_end_of_another_stream_ends_nothing() -> None:
    sync = PairSync(Sync())
    sync.push(frame(VISIBLE, 0, stream_id=1), 0)
    sync.end(VISIBLE, stream_id=2)
    pair_all(sync, NEVER_NS)
    assert not sync.is_over
    sync.end(VISIBLE, stream_id=1)
    assert sync.is_over
