"""A running node or system tells how it is over HTTP, and `irvis top` shows it."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from irvis.cli import main
from irvis.clock import now_ns
from irvis.errors import ConfigError
from pipeline.accounting.health import NodeStatus, State
from pipeline.accounting.observe import HealthServer


def status(node: str, state: State = "running") -> NodeStatus:
    detail = {"infrared_clock": "offset +3.20 ms ± 0.14 ms, drift +99.7 ppm"}
    latency_ms = {"p50": 31.0, "p95": 40.0, "p99": 44.0}
    return NodeStatus(
        1, node, 7, state, {"fused": 9}, {"visible_late": 2}, 25.0, 24.9, latency_ms, detail, now_ns()
    )


@pytest.fixture
def nodes() -> list[NodeStatus]:
    return [status("capture"), status("fuse")]


@pytest.fixture
def url(nodes: list[NodeStatus]) -> Iterator[str]:
    with closing(HealthServer(lambda: nodes, 0)) as server:
        yield server.url


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:
        content: bytes = answer.read()
        return content


def test_health_is_well_while_all_nodes_are(url: str, nodes: list[NodeStatus]) -> None:
    told = json.loads(get(f"{url}/health"))
    assert told["well"]
    assert [node["node"] for node in told["nodes"]] == ["capture", "fuse"]
    assert told["nodes"][1]["dropped"] == {"visible_late": 2}
    nodes[0] = status("capture", "failed")
    with pytest.raises(HTTPError) as failed:
        get(f"{url}/health")
    failed.value.close()
    assert failed.value.code == 503


def test_metrics_are_what_prometheus_reads(url: str) -> None:
    families = {family.name: family for family in text_string_to_metric_families(get(f"{url}/metrics").decode())}
    dropped = {(s.labels["node"], s.labels["reason"]): s.value for s in families["irvis_dropped"].samples}
    assert dropped == {("capture", "visible_late"): 2, ("fuse", "visible_late"): 2}
    assert {s.value for s in families["irvis_fps"].samples} == {25.0}
    quantiles = {s.labels["quantile"]: s.value for s in families["irvis_latency_seconds"].samples}
    assert quantiles["0.99"] == pytest.approx(0.044)


def test_anything_else_is_not_found(url: str) -> None:
    with pytest.raises(HTTPError) as failed:
        get(f"{url}/etc/passwd")
    failed.value.close()
    assert failed.value.code == 404


def test_a_port_in_use_is_refused(url: str, nodes: list[NodeStatus]) -> None:
    port = int(url.rpartition(":")[2])
    with pytest.raises(ConfigError, match=rf"health\.port: {port}: can't be listened at"):
        HealthServer(lambda: nodes, port)


def test_top_shows_rates_drops_and_clocks(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["top", url, "--once"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for expected in ("fuse", "running", "25.0", "44.0", "visible_late 2", "drift +99.7 ppm"):
        assert expected in shown


def test_top_shows_which_of_several_does_not_answer(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["top", "http://127.0.0.1:9", url, "--once"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for expected in ("http://127.0.0.1:9", "no answer", "fuse"):
        assert expected in shown


def test_top_says_when_nothing_runs_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["top", "http://127.0.0.1:9", "--once"])
    assert ended.value.code == 2
    assert "no node answers there" in capsys.readouterr().err
