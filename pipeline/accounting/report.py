"""What a run did: every frame accounted for, rates, latencies, restarts, engine and machine."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from irvis.errors import RecordingError

from . import machine
from .audit import audit
from .tally import NodeTally, add_up

ENGINE_DETAILS = {"fingerprint": "engine", "choice": "engine_choice"}
"""What the report says of the engine -> what the fusion node calls it."""


@dataclass(frozen=True, slots=True)
class Report:
    """The account of one run; see `pipeline.accounting.tally.Flow` for how its numbers add up.

    Attributes:
        frames_in: Frames that entered, {"visible", "infrared"}.
        stand_ins: Pictures made without a visible frame: `infrared_only`, and `stub` without either camera.
        paired: Visible frames that were given to the engine, with infrared or flagged as without.
        fused: Fused frames published.
        recorded: Fused frames in the recording.
        dropped: Frames not used, by reason.
        unaccounted: Frames that vanished without a word, by where; see `audit`. Empty if all is well.
        fps: Fused frames per second from the first to the last, in the longest life of the fusion node.
        latency_ms: From capture to publishing, {"p50", "p95", "p99"} [ms], in the same.
        restarts: Restarts of all nodes.
        restarted: Restarts by node.
        engine: Its fingerprint, and why it was chosen.
        started: When [ISO 8601, local time].
        ended: When [ISO 8601, local time].
        failure: What ended the run early; None if nothing did.
        machine: Processor, cores, system and library versions.
    """

    frames_in: dict[str, int]
    stand_ins: dict[str, int]
    paired: int
    fused: int
    recorded: int
    dropped: dict[str, int]
    unaccounted: dict[str, int]
    fps: float
    latency_ms: dict[str, float]
    restarts: int
    restarted: dict[str, int]
    engine: dict[str, str]
    started: str
    ended: str
    failure: str | None
    machine: dict[str, object]

    def table(self) -> Table:
        """For people."""
        table = Table(box=None, show_header=False, pad_edge=False, title="report", title_justify="left")
        table.add_column(style="bold")
        table.add_row("frames in", _list(self.frames_in))
        if self.stand_ins:
            table.add_row("without visible", _list(self.stand_ins))
        table.add_row("paired, fused, recorded", f"{self.paired}, {self.fused}, {self.recorded}")
        table.add_row("dropped", _list(self.dropped) or "none")
        if self.unaccounted:
            table.add_row("unaccounted", _list(self.unaccounted))
        table.add_row("rate", f"{self.fps:.1f} fps")
        table.add_row("capture to publish", _list(self.latency_ms, " ms") or "no frame")
        table.add_row("restarts", _list(self.restarted) or "none")
        table.add_row("engine", self.engine["fingerprint"] or "none was opened")
        table.add_row("chosen because", escape(self.engine["choice"]))
        if self.failure:
            table.add_row("ended by", escape(self.failure))
        return table


def make_report(
    tallies: dict[str, NodeTally], started: datetime, failure: str | None = None, *, queue_frames: int = 8
) -> Report:
    """Sum up what the nodes have reported.

    Args:
        tallies: By node.
        started: When the run began.
        failure: What ended it early.
        queue_frames: How many visible frames may wait for their infrared: `sync.queue_size`.
    """
    flow = add_up(tallies)
    fuse = tallies["fuse"].longest()
    restarted = {name: tally.restarts for name, tally in tallies.items() if tally.restarts}
    return Report(
        frames_in=flow.frames_in,
        stand_ins=flow.stand_ins,
        paired=flow.paired,
        fused=flow.fused,
        recorded=flow.recorded,
        dropped=flow.dropped,
        unaccounted=audit(tallies, queue_frames),
        fps=fuse.mean_fps if fuse else 0.0,
        latency_ms=fuse.latency_ms if fuse else {},
        restarts=sum(restarted.values()),
        restarted=restarted,
        # A later life takes the engine of the one before, which knew why.
        engine={key: tallies["fuse"].first_detail(detail) for key, detail in ENGINE_DETAILS.items()},
        started=started.isoformat(timespec="milliseconds"),
        ended=datetime.now().astimezone().isoformat(timespec="milliseconds"),
        failure=failure,
        machine=machine.facts(),
    )


def write_json(path: Path, content: object, option: str) -> None:
    """Write a result; the folder is made.

    Args:
        path: Where.
        content: What JSON can hold.
        option: The command's option that says where.

    Raises:
        RecordingError: It can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError as exc:
        raise RecordingError(
            f"{path}: can't be written ({exc.strerror}); choose another place with {option}"
        ) from exc


def _list(values: dict[str, int] | dict[str, float], unit: str = "") -> str:
    return ", ".join(f"{name} {value}{unit}" for name, value in values.items())
