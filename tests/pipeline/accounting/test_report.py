"""The report: what it says, and where it goes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from irvis.errors import RecordingError
from pipeline.accounting.health import VERSION, NodeStatus
from pipeline.accounting.report import make_report, write_json
from pipeline.accounting.tally import NodeTally

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def tallies() -> dict[str, NodeTally]:
    """Of a fusion node that was killed early and then ran for long."""
    made = {name: NodeTally(name) for name in ("capture", "fuse")}
    made["capture"].take(NodeStatus(VERSION, "capture", 1, "ended", {"visible": 120}, {}, 25, 25, {}, {}, 0))
    made["fuse"].take(NodeStatus(VERSION, "fuse", 2, "running", {"fused": 10}, {}, 5, 5, {"p50": 90.0}, {}, 0))
    detail = {"engine": "net@1 runtime CPU fp32", "engine_choice": "the fastest here"}
    made["fuse"].take(
        NodeStatus(VERSION, "fuse", 3, "ended", {"fused": 100}, {}, 25, 24, {"p50": 30.0}, detail, 0)
    )
    made["fuse"].restarts = 1
    return made


def test_report_takes_rate_and_latency_of_the_longest_life() -> None:
    report = make_report(tallies(), STARTED)
    assert (report.fps, report.latency_ms) == (24, {"p50": 30.0})


def test_report_counts_restarts_and_what_vanished_in_them() -> None:
    report = make_report(tallies(), STARTED)
    assert (report.restarts, report.restarted) == (1, {"fuse": 1})
    assert (report.fused, report.dropped) == (110, {"node_restart": 10})


def test_report_says_which_engine_ran_and_why() -> None:
    engine = make_report(tallies(), STARTED).engine
    assert engine == {"fingerprint": "net@1 runtime CPU fp32", "choice": "the fastest here"}


def test_report_of_a_system_that_never_ran_is_empty() -> None:
    report = make_report({name: NodeTally(name) for name in ("capture", "fuse")}, STARTED, "no camera")
    assert (report.fused, report.fps, report.latency_ms, report.failure) == (0, 0.0, {}, "no camera")


def test_table_names_what_ended_the_run() -> None:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(make_report(tallies(), STARTED, "capture: needs irvis[viewer]").table())
    assert "capture: needs irvis[viewer]" in captured.get()
    assert "visible 120" in captured.get()


def test_json_goes_where_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    write_json(path, {"fused": 1}, "--report")
    assert json.loads(path.read_text()) == {"fused": 1}


def test_json_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="choose another place with --report"):
        write_json(tmp_path, {}, "--report")
