"""What nodes say about themselves arrives, and nobody waits for it."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irvis.errors import ConfigError, WireError
from pipeline.accounting.health import VERSION, HealthReporter, NodeStatus, decode, encode, summary
from pipeline.transport import HealthReceiver, HealthSender

DEADLINE_S = 60.0


@pytest.fixture
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HealthReceiver]:
    with closing(HealthReceiver(f"ipc://{tmp_path_factory.mktemp('s') / 'health'}")) as receiver:
        yield receiver


def next_status(receiver: HealthReceiver) -> NodeStatus:
    payload = receiver.receive(DEADLINE_S)
    assert payload is not None
    return decode(payload)


def test_a_status_travels_whole(receiver: HealthReceiver) -> None:
    with closing(HealthReporter("fuse", receiver.endpoint)) as reporter:
        reporter.detail["engine"] = "average"
        reporter.dropped["visible_late"] += 2
        reporter.count("paired")
        for latency_ms in (10, 20, 30):
            reporter.frame_done("fused", latency_ms * 1_000_000)
        reporter.enter("running", "all is well")
        status = next_status(receiver)
    assert (status.node, status.state, status.counts) == ("fuse", "running", {"paired": 1, "fused": 3})
    assert (status.dropped, status.latency_ms["p50"]) == ({"visible_late": 2}, 20.0)
    assert status.detail == {"engine": "average", "message": "all is well"}
    assert abs(status.sent_ns - time.time_ns()) < DEADLINE_S * 1e9


def test_a_ticked_reporter_reports_a_few_times_a_second(receiver: HealthReceiver) -> None:
    over = threading.Event()
    with closing(HealthReporter("fuse", receiver.endpoint)) as reporter:

        def tick_on() -> None:
            while not over.wait(0.01):
                reporter.tick()

        thread = threading.Thread(target=tick_on)
        thread.start()
        first, second = next_status(receiver), next_status(receiver)
        over.set()
        thread.join()
    assert second.sent_ns - first.sent_ns >= 0.2e9


def test_a_reporter_whom_nobody_listens_to_does_not_wait(tmp_path: Path) -> None:
    sender = HealthSender(f"ipc://{tmp_path / 'nobody'}")
    sent = [sender.send(bytes(1000)) for _ in range(500)]
    assert sent[0]
    assert not sent[-1]
    start_s = time.monotonic()
    sender.close()
    assert time.monotonic() - start_s < DEADLINE_S


def test_a_status_sent_before_the_listener_came_arrives(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path / 'health'}"
    with closing(HealthReporter("fuse", endpoint)) as reporter:
        reporter.enter("running")
        with closing(HealthReceiver(endpoint)) as receiver:
            assert next_status(receiver).state == "running"


def test_a_second_listener_is_refused(receiver: HealthReceiver) -> None:
    with pytest.raises(ConfigError, match=r"health: .* is in use"):
        HealthReceiver(receiver.endpoint)


def test_without_a_supervisor_the_health_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    reporter = HealthReporter("fuse")
    reporter.dropped["pair_superseded"] = 3
    with caplog.at_level(logging.INFO):
        reporter.enter("running")
        reporter.tick()
    assert [r.getMessage() for r in caplog.records] == ["fuse running: 0.0 fps, dropped: pair_superseded 3"]


def test_a_detail_that_has_nothing_to_say_is_not_told() -> None:
    reporter = HealthReporter("record")
    reporter.detail |= {"link": "lossless", "message": ""}
    assert reporter.status().detail == {"link": "lossless"}


def test_a_message_is_part_of_the_line() -> None:
    status = NodeStatus(VERSION, "fuse", 7, "failed", {}, {}, 0.0, 0.0, {}, {"message": "no engine"}, 0)
    assert summary(status) == "fuse failed: 0.0 fps, nothing dropped (no engine)"


@given(st.binary(max_size=200))
def test_what_is_no_status_is_a_wire_error(payload: bytes) -> None:
    with pytest.raises(WireError, match="node status"):
        decode(payload)


def test_another_version_is_refused() -> None:
    status = NodeStatus(VERSION + 1, "fuse", 7, "running", {}, {}, 0.0, 0.0, {}, {}, 0)
    with pytest.raises(WireError, match=f"version {VERSION + 1}: this side speaks {VERSION}"):
        decode(encode(status))
