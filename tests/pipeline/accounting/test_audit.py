"""A frame that vanishes without a word is noticed, wherever the report books it; what a kill explains is not."""

from dataclasses import asdict, replace
from datetime import UTC, datetime

import msgspec
import pytest

from pipeline.accounting.audit import audit
from pipeline.accounting.health import VERSION, NodeStatus, Span, State
from pipeline.accounting.report import make_report
from pipeline.accounting.tally import NodeTally
from pipeline.chaos import Account, complaints

Counts = dict[str, int]
STREAM = 7
QUEUE_FRAMES = 8
FPS = 25.0
FRAMES = 1000
SECOND_NS = 10**9


def life(
    node: str,
    counts: Counts,
    dropped: Counts | None = None,
    span: tuple[int, int] | None = (0, FRAMES),
    state: State = "ended",
    *,
    pid: int = 1,
    sent_s: float = 40.0,
) -> NodeStatus:
    streams = {STREAM: Span(*span, is_over=state == "ended")} if span else {}
    sent_ns = round(sent_s * SECOND_NS)
    return NodeStatus(VERSION, node, pid, state, counts, dropped or {}, FPS, FPS, {}, {}, sent_ns, streams)


def system(*lives: NodeStatus) -> dict[str, NodeTally]:
    """Of lives in their order, each with the one status."""
    tallies = {name: NodeTally(name) for name in ("capture", "fuse", "record")}
    for each in lives:
        tallies[each.node].restarts += bool(tallies[each.node].lives())
        tallies[each.node].take(each)
    return tallies


CAPTURE = life("capture", {"visible": FRAMES}, span=(0, FRAMES))
DROPPED = {"visible_lost_in_transport": 10, "pair_superseded": 5}
FUSE = life("fuse", {"visible_in": 990, "fused": 985}, DROPPED, (0, FRAMES))
RECORD = life("record", {"received": 985, "recorded": 984}, {"disk_full": 1})


def changed(status: NodeStatus, **counts: int) -> NodeStatus:
    return msgspec.structs.replace(status, counts=status.counts | counts)


def test_nothing_is_found_where_all_is_told() -> None:
    assert audit(system(CAPTURE, FUSE, RECORD), QUEUE_FRAMES) == {}


@pytest.mark.parametrize(
    ("lives", "where"),
    [
        ((CAPTURE, changed(FUSE, visible_in=989), RECORD), "into fuse"),
        ((CAPTURE, changed(FUSE, fused=984), changed(RECORD, received=984, recorded=983)), "in fuse"),
        ((CAPTURE, FUSE, changed(RECORD, recorded=983)), "in record"),
        ((CAPTURE, FUSE, changed(RECORD, received=984, recorded=983)), "fuse to record"),
    ],
)
def test_one_frame_that_is_swallowed_is_found(lives: tuple[NodeStatus, ...], where: str) -> None:
    assert audit(system(*lives), QUEUE_FRAMES)[where] == 1


def test_a_fused_frame_too_many_is_found() -> None:
    assert audit(system(CAPTURE, changed(FUSE, fused=986), RECORD), QUEUE_FRAMES)["in fuse"] == 1


def unread(frames: int, *, told_to_stop: bool) -> dict[str, NodeTally]:
    """A system whose fusion node has not seen the last frames that were published."""
    seen = FRAMES - frames
    fuse = life("fuse", {"visible_in": seen, "fused": seen}, None, (0, seen))
    if told_to_stop:
        fuse = msgspec.structs.replace(fuse, streams={STREAM: Span(0, seen)})
    return system(CAPTURE, fuse, life("record", {"received": seen, "recorded": seen}))


def test_frames_that_a_node_left_unread_when_it_was_told_to_stop_are_explained() -> None:
    assert audit(unread(5, told_to_stop=True), QUEUE_FRAMES) == {}


@pytest.mark.parametrize(("frames", "told_to_stop"), [(1, False), (100, True)])
def test_more_than_that_is_found(frames: int, *, told_to_stop: bool) -> None:
    assert audit(unread(frames, told_to_stop=told_to_stop), QUEUE_FRAMES).keys() == {"capture to fuse"}


def killed(away_s: float, missed: int, held: int = 3) -> dict[str, NodeTally]:
    """A system whose fusion node was killed at its 400th frame, and told of its next one so long after it."""
    fuse = (
        life("fuse", {"visible_in": 400, "fused": 400 - held}, None, (0, 400), "running", sent_s=16),
        life("fuse", {"visible_in": 1}, None, (400 + missed, 401 + missed), "running", pid=2, sent_s=16 + away_s),
        life("fuse", {"visible_in": 600 - missed, "fused": 600 - missed}, None, (400 + missed, FRAMES), pid=2),
    )
    fused = 1000 - missed - held
    return system(CAPTURE, *fuse, life("record", {"received": fused, "recorded": fused}))


def test_what_passed_while_a_killed_node_was_away_is_explained() -> None:
    assert audit(killed(away_s=2.0, missed=50), QUEUE_FRAMES) == {}


def test_a_restart_explains_no_more_than_passed_meanwhile() -> None:
    assert audit(killed(away_s=2.0, missed=150), QUEUE_FRAMES).keys() == {"capture to fuse"}


def test_a_killed_node_can_not_have_held_more_than_it_has_room_for() -> None:
    assert audit(killed(away_s=2.0, missed=50, held=60), QUEUE_FRAMES).keys() == {"in fuse"}


def joined_late(link: str, *, missed: int) -> dict[str, NodeTally]:
    """A system whose recorder was there two seconds after the first fused frame."""
    taken = FRAMES - missed
    first = (
        life("fuse", {"visible_in": 1}, None, (0, 1), "running", sent_s=0),
        life("fuse", {"visible_in": FRAMES, "fused": FRAMES}),
    )
    record = [
        msgspec.structs.replace(life("record", {"received": n, "recorded": n}, sent_s=at_s), detail={"link": link})
        for n, at_s in ((1, 2), (taken, 40))
    ]
    return system(CAPTURE, *first, *record)


def test_what_was_fused_before_a_recorder_on_a_latest_link_was_there_is_explained() -> None:
    assert audit(joined_late("latest", missed=50), QUEUE_FRAMES) == {}


@pytest.mark.parametrize(("link", "missed"), [("lossless", 1), ("latest", 100)])
def test_more_than_that_and_all_on_a_lossless_link_is_found(link: str, missed: int) -> None:
    assert audit(joined_late(link, missed=missed), QUEUE_FRAMES).keys() == {"fuse to record"}


def account(*lives: NodeStatus, in_files: int) -> Account:
    report = make_report(system(*lives), datetime.now(UTC), queue_frames=QUEUE_FRAMES)
    return replace(Account(), report=asdict(report), frames_in_files=in_files)


def test_soak_stands_when_all_is_told() -> None:
    assert complaints(account(CAPTURE, FUSE, RECORD, in_files=984)) == []


def test_soak_fails_for_a_frame_that_the_report_books_as_lost() -> None:
    told = account(CAPTURE, changed(FUSE, fused=984), changed(RECORD, received=984, recorded=983), in_files=983)
    assert told.report["dropped"]["visible_lost_in_transport"] == 11
    assert complaints(told) == ["frames unaccounted for: {'in fuse': 1}"]


def test_soak_fails_for_a_frame_that_is_not_in_the_files() -> None:
    told = account(CAPTURE, FUSE, RECORD, in_files=983)
    assert complaints(told) == ["frames unaccounted for: {'in the files': 1}"]


def test_soak_fails_for_a_frame_that_a_killed_recorder_told_of_and_is_not_in_the_files() -> None:
    first = msgspec.structs.replace(life("record", {"received": 500, "recorded": 500}, pid=1), unsaved=20)
    lives = CAPTURE, FUSE, first, life("record", {"received": 480, "recorded": 480}, pid=2)
    told = account(*lives, in_files=960)
    assert told.report["dropped"] | {"record_unsaved": 20, "record_node_restart": 5} == told.report["dropped"]
    assert complaints(told) == []
    assert complaints(account(*lives, in_files=959)) == ["frames unaccounted for: {'in the files': 1}"]


def test_soak_fails_for_a_node_that_is_slow_to_be_back() -> None:
    told = replace(account(CAPTURE, FUSE, RECORD, in_files=984), recovery_s={"kill fuse": [1.2, 2.5]})
    assert complaints(told, recovery_limit_s=2.0) == ["slow to recover [s]: {'kill fuse': 2.5}"]
    assert complaints(told) == []
