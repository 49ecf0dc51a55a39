"""What the nodes have said, added up over their lives, so that every frame is in one place of the report."""

from collections import Counter
from typing import NamedTuple

from irvis.frame import Modality
from irvis.timing import DropCounter

from ..transport.gaps import NOT_A_PICTURE
from .health import NodeStatus

RESTARTED = "node_restart"
LOST = "lost_in_transport"
STAND_INS = ("infrared_only", "stub")
"""Pictures that were made without a visible frame; see `pipeline.fusion.standin`."""


class Life(NamedTuple):
    """What one process of a node has reported: its newest status, and when it first told of a frame.

    Attributes:
        first_ns: When that was [ns, Unix epoch]; that of the newest status before.
        last: Its newest status.
    """

    first_ns: int
    last: NodeStatus

    @property
    def heard_out(self) -> bool:
        """Whether it ended in order, and no earlier than its newest stream."""
        spans = list(self.last.streams.values())
        return self.last.state == "ended" and bool(spans) and spans[-1].is_over


class NodeTally:
    """The reports of one node through all its lives; a restarted node counts from zero again.

    Attributes:
        name: Of the node.
        latest: Its newest status; None before the first.
        restarts: How often it was started again.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.latest: NodeStatus | None = None
        self.restarts = 0
        self._by_pid: dict[int, NodeStatus] = {}
        self._first_ns: dict[int, int] = {}
        self._done: dict[int, int] = {}

    def take(self, status: NodeStatus) -> bool:
        """Take a status; whether it shows that the node got on since the last.

        Making up pictures, because no camera gives any, is no progress.
        """
        before = self._by_pid.get(status.pid)
        self._by_pid[status.pid] = self.latest = status
        if status.counts:
            self._first_ns.setdefault(status.pid, status.sent_ns)
        done = self._done.get(status.pid, -1)
        self._done[status.pid] = max(done, _done(status))
        return self._done[status.pid] > done or before is None or before.state != status.state

    def counts(self) -> Counter[str]:
        """Frames by what was done with them, over all lives."""
        return sum((Counter(status.counts) for status in self._by_pid.values()), Counter[str]())

    def dropped(self) -> DropCounter:
        """Frames not used, by reason, over all lives."""
        return sum((DropCounter(status.dropped) for status in self._by_pid.values()), DropCounter())

    def unsaved(self) -> int:
        """Frames that a recorder took, and that its death or a failing file cost, over all lives."""
        return sum(status.unsaved for status in self._by_pid.values())

    def lives(self) -> list[Life]:
        """Its lives, in order."""
        return [Life(self._first_ns.get(pid, last.sent_ns), last) for pid, last in self._by_pid.items()]

    def first_detail(self, name: str) -> str:
        """A detail as the first life that had it told it; empty if none did."""
        return next((s.detail[name] for s in self._by_pid.values() if name in s.detail), "")

    def longest(self) -> NodeStatus | None:
        """The status of the life with the most frames: rates and percentiles can't be added up."""
        return max(self._by_pid.values(), key=lambda status: sum(status.counts.values()), default=None)


def _done(status: NodeStatus) -> int:
    """How much a node has done, without the pictures that it made up: each is counted when made and when fused."""
    made = sum(status.counts.get(kind, 0) for kind in STAND_INS)
    return sum(status.counts.values()) + sum(status.dropped.values()) - 2 * made


class Flow(NamedTuple):
    """Where all frames went.

    `frames_in["visible"]` plus all `stand_ins` is `fused` plus `node_restart` and every drop that begins with
    `visible_` or belongs to the fusion node (`pair_`, `engine_`, `undelivered`); `fused` is `recorded` plus the
    drops that begin with `record_`: what a killed recorder had not written yet is `record_unsaved`. Drops of
    `infrared_` frames, of other sinks (`window_`, `web_`, `mcap_`), and `messages_undecodable` cost neither.
    Without a video sink, `recorded` is what the mcap sink has in its files.
    """

    frames_in: dict[str, int]
    stand_ins: dict[str, int]
    paired: int
    fused: int
    recorded: int
    dropped: dict[str, int]


def add_up(tallies: dict[str, NodeTally]) -> Flow:
    """Account for every frame.

    A killed node can't say what it held, nor what it did since its last status. Frames that went into it and
    neither came out nor were dropped count as `node_restart` if it was restarted, else as lost in transport.
    """
    entered, capture_drops = _of(tallies, "capture")
    worked, fuse_drops = _of(tallies, "fuse")
    written, record_drops = _of(tallies, "record")
    # A frame that can't be decoded also leaves a gap, and each gap is found again below.
    undecodable = fuse_drops.pop("visible_undecodable", 0)
    for reason in ("undecodable", LOST):
        record_drops.pop(reason, None)
    recorded = written["recorded"] - record_drops["unsaved"]
    fused = max(worked["fused"], recorded + record_drops.total())
    later_drops = sum(n for reason, n in fuse_drops.items() if not reason.startswith(tuple(Modality)))
    stand_ins = {kind: worked[kind] for kind in STAND_INS if worked[kind]}
    made = sum(stand_ins.values())
    paired = max(worked["paired"], fused + later_drops - made)
    unread = _but_infrared(capture_drops)
    dropped = capture_drops + fuse_drops
    # A killed capture node has not said everything either: what came out did go in.
    visible_in = max(entered["visible"] + unread, fused + _but_infrared(dropped) - made)
    infrared_in = entered["infrared"] + capture_drops.total() - unread
    dropped[_vanished(tallies["fuse"], "visible_")] += visible_in + made - fused - _but_infrared(dropped)
    if "record" in tallies:
        dropped[_vanished(tallies["record"], "record_")] += fused - recorded - record_drops.total()
    dropped.update({f"record_{reason}": count for reason, count in record_drops.items()})
    for name in tallies.keys() - {"capture", "fuse", "record"}:
        dropped.update({f"{name}_{reason}": count for reason, count in _of(tallies, name)[1].items()})
    dropped["messages_undecodable"] = undecodable
    if "record" not in tallies:
        counts, drops = _of(tallies, "mcap")
        recorded = counts["recorded"] - drops["unsaved"]
    kept = {reason: count for reason, count in sorted(dropped.items()) if count}
    return Flow({"visible": visible_in, "infrared": infrared_in}, stand_ins, paired, fused, recorded, kept)


def _of(tallies: dict[str, NodeTally], name: str) -> tuple[Counter[str], DropCounter]:
    """What a node counted, and what it dropped, with the frames that its deaths cost as `unsaved`."""
    tally = tallies.get(name, NodeTally(name))
    return tally.counts(), tally.dropped() + DropCounter(unsaved=tally.unsaved())


def _but_infrared(dropped: DropCounter) -> int:
    return sum(count for reason, count in dropped.items() if not reason.startswith(NOT_A_PICTURE))


def _vanished(tally: NodeTally, stream: str) -> str:
    """The reason of what went missing at a node: of the fusion node, a restart is `node_restart`."""
    if tally.restarts:
        return RESTARTED if tally.name == "fuse" else f"{stream}{RESTARTED}"
    return f"{stream}{LOST}"
