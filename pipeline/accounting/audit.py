"""Checks the nodes' accounts against each other, so that a frame which vanished without a word is noticed.

The report books what is missing as lost, for want of a better place. Here each node must account for what it took,
and what one node gave must be what the next one took, by the frames' own numbers. A node that was killed may have
held some frames, and others passed while it was away; one that was told to stop before its stream's End came may
have left some unread: how many that can be is bounded.
"""

import math
from collections.abc import Iterable
from itertools import pairwise

from irvis.clock import NS_PER_S
from irvis.frame import Modality
from irvis.topics import TOPICS, Topic

from .health import REPORT_S
from .tally import STAND_INS, Life, NodeTally

HASTE = 1.25
"""How much faster than on average frames may come for a while."""
IN_SOCKETS = 2 * TOPICS[Topic.FUSED].queue_frames + 1
"""Frames that may lie between two nodes."""
IN_HANDS = 8
"""Frames that the fusion node may hold behind its queue."""
NEVER_TAKEN = ("lost_in_transport", "undecodable", "superseded")


def audit(tallies: dict[str, NodeTally], queue_frames: int) -> dict[str, int]:
    """Frames that nothing explains, by where they vanished or came from; empty if all is well.

    Args:
        tallies: By node; looked at are capture, fuse and record.
        queue_frames: How many the fusion node's pairing may hold: `sync.queue_size`.
    """
    capture, fuse, record = (tallies.get(name, NodeTally(name)).lives() for name in ("capture", "fuse", "record"))
    fps = HASTE * max((life.last.mean_fps for life in capture), default=0.0)
    # What a node drops is added to its report now and then, what it took at once.
    unsaid = math.ceil(2 * REPORT_S * fps)
    found = {
        "into fuse": sum(_beyond(_unseen(life), unsaid, life) for life in fuse),
        "in fuse": sum(_beyond(_held_by_fuse(life), queue_frames + IN_HANDS + unsaid, life) for life in fuse),
        "in record": sum(_beyond(_held_by_record(life), 1, life) for life in record),
        "capture to fuse": _outside(
            _never_seen(capture, fuse), 0, _passed(fuse, capture, fps) + IN_SOCKETS * max(0, len(capture) - 1)
        ),
    }
    if record:
        unreported = _passed(fuse, fuse, fps) if len(fuse) > 1 else 0
        found["fuse to record"] = _outside(
            sum(life.last.counts.get("fused", 0) for life in fuse) - sum(map(_taken_by_record, record)),
            -unreported,
            _passed(record, fuse, fps) + IN_SOCKETS * max(0, len(fuse) - 1) + _before_it_came(record, fuse, fps),
        )
    return {where: count for where, count in found.items() if count}


def _unseen(life: Life) -> int:
    """Numbers between the first and the newest that the fusion node neither took nor missed."""
    counts, dropped = life.last.counts, life.last.dropped
    spans = sum(end - start for start, end, _ in life.last.streams.values())
    taken = counts.get("visible_in", 0) - counts.get("visible_again", 0)
    return spans - taken - dropped.get("visible_lost_in_transport", 0)


def _held_by_fuse(life: Life) -> int:
    counts = life.last.counts
    made = sum(counts.get(kind, 0) for kind in STAND_INS)
    elsewhere = (Modality.INFRARED.value, *(f"{Modality.VISIBLE}_{reason}" for reason in NEVER_TAKEN))
    dropped = sum(count for name, count in life.last.dropped.items() if not name.startswith(elsewhere))
    return counts.get("visible_in", 0) + made - counts.get("fused", 0) - dropped


def _held_by_record(life: Life) -> int:
    dropped = sum(count for name, count in life.last.dropped.items() if name not in NEVER_TAKEN)
    return life.last.counts.get("received", 0) - life.last.counts.get("recorded", 0) - dropped


def _taken_by_record(life: Life) -> int:
    dropped = life.last.dropped
    missed = dropped.get("lost_in_transport", 0) + dropped.get("superseded", 0)
    return life.last.counts.get("received", 0) + missed


def _never_seen(capture: Iterable[Life], fuse: list[Life]) -> int:
    """Frames that were published, as capture or a number says, but lie in no span of a fusion node's life."""
    published = {stream: end for life in capture for stream, (_, end, _) in life.last.streams.items()}
    seen = dict.fromkeys(published, 0)
    for life in fuse:
        for stream, (start, end, _) in life.last.streams.items():
            published[stream] = max(published.get(stream, 0), end)
            seen[stream] = seen.get(stream, 0) + end - start
    return sum(published.values()) - sum(seen.values())


def _passed(lives: list[Life], upstream: list[Life], fps: float) -> int:
    """How many frames may have passed while no life of a node told of it."""
    away_ns = [after.first_ns - before.last.sent_ns for before, after in pairwise(lives)]
    if lives and upstream:
        away_ns.append(max(0, upstream[-1].last.sent_ns - lives[-1].last.sent_ns))
    ended_well = len(lives) == 1 and lives[0].heard_out
    return sum(math.ceil(ns / NS_PER_S * fps) + (0 if ended_well else IN_SOCKETS) for ns in away_ns)


def _before_it_came(record: list[Life], fuse: list[Life], fps: float) -> int:
    """How many frames may have been fused before a recorder on a `latest` link was there: nobody waits for it."""
    if not fuse or record[0].last.detail.get("link") != "latest":
        return 0
    late_s = (record[0].first_ns - fuse[0].first_ns) / NS_PER_S + REPORT_S
    return math.ceil(max(0.0, late_s) * fps)


def _beyond(held: int, limit: int, life: Life) -> int:
    """What a node that ended in order should not hold, or more than one that died can have held."""
    return _outside(held, 0, 0 if life.last.state == "ended" else limit)


def _outside(count: int, low: int, high: int) -> int:
    return max(0, low - count, count - high)
