"""What the nodes have said, added up over their lives, so that every frame is in one place of the report."""

from collections import Counter
from typing import NamedTuple

from irvis.timing import DropCounter

from .health import NodeStatus
from .transport.gaps import NOT_A_PICTURE

RESTARTED = "node_restart"
NEVER_RECEIVED = "lost_in_transport"


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

    def take(self, status: NodeStatus) -> bool:
        """Take a status; whether it shows that the node got on since the last."""
        before = self._by_pid.get(status.pid)
        self._by_pid[status.pid] = self.latest = status
        return before is None or (before.state, before.counts, before.dropped) != (
            status.state,
            status.counts,
            status.dropped,
        )

    def counts(self) -> Counter[str]:
        """Frames by what was done with them, over all lives."""
        return sum((Counter(status.counts) for status in self._by_pid.values()), Counter[str]())

    def dropped(self) -> DropCounter:
        """Frames not used, by reason, over all lives."""
        return sum((DropCounter(status.dropped) for status in self._by_pid.values()), DropCounter())

    def longest(self) -> NodeStatus | None:
        """The status of the life with the most frames: rates and percentiles can't be added up."""
        return max(self._by_pid.values(), key=lambda status: sum(status.counts.values()), default=None)


class Flow(NamedTuple):
    """Where all frames went.

    `frames_in["visible"]` is `fused` plus the drops whose reason begins with no other stream's or sink's name;
    `fused` is `recorded` plus the drops that begin with `record_`; those that begin with `infrared_` or `window_`
    cost no fused or recorded frame.
    """

    frames_in: dict[str, int]
    paired: int
    fused: int
    recorded: int
    dropped: dict[str, int]


def add_up(tallies: dict[str, NodeTally]) -> Flow:
    """Account for every frame.

    A killed node can't say what it held, and what it did since its last status: frames that went in, and neither
    came out nor were dropped, are counted as `node_restart` if the node was restarted, and as lost in transport
    if not.
    """
    entered, capture_drops = _of(tallies, "capture")
    worked, fuse_drops = _of(tallies, "fuse")
    written, record_drops = _of(tallies, "record")
    dropped = capture_drops + fuse_drops
    recorded = written["recorded"]
    # The recorder's own gaps are found again below, without those that the fusion node explains.
    record_drops.pop(NEVER_RECEIVED, None)
    fused = max(worked["fused"], recorded + record_drops.total())
    visible_drops = _visible(dropped)
    # A killed capture node has not said everything either: what came out did go in.
    visible_in = max(entered["visible"] + _visible(capture_drops), fused + visible_drops)
    infrared_in = entered["infrared"] + capture_drops.total() - _visible(capture_drops)
    dropped[_reason(tallies, "fuse")] += visible_in - fused - visible_drops
    if "record" in tallies:
        record_drops[_reason(tallies, "record")] += fused - recorded - record_drops.total()
    for name, drops in (("record", record_drops), ("window", _of(tallies, "window")[1])):
        dropped.update({f"{name}_{reason}": count for reason, count in drops.items()})
    kept = {reason: count for reason, count in sorted(dropped.items()) if count}
    frames_in = {"visible": visible_in, "infrared": infrared_in}
    return Flow(frames_in, worked["paired"], fused, recorded, kept)


def _of(tallies: dict[str, NodeTally], name: str) -> tuple[Counter[str], DropCounter]:
    tally = tallies.get(name)
    return (Counter(), DropCounter()) if tally is None else (tally.counts(), tally.dropped())


def _visible(dropped: DropCounter) -> int:
    # Where an undecodable message was a frame, the gap that it leaves counts as lost in transport.
    return sum(
        count
        for reason, count in dropped.items()
        if not reason.startswith(NOT_A_PICTURE) and reason != "visible_undecodable"
    )


def _reason(tallies: dict[str, NodeTally], name: str) -> str:
    return RESTARTED if name in tallies and tallies[name].restarts else NEVER_RECEIVED
