"""`irvis bench` on real nodes: rates never without latencies, pair rate and drop rate."""

import json
from typing import Any

import pytest

from irvis.errors import ConfigError
from pipeline.bench.command import bench
from pipeline.bench.measure import Rate, median_of


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("bench") / "bench.json"
    bench(engine="average", size="64x48", seconds=0.3, rounds=1, json_=path)
    written: dict[str, Any] = json.loads(path.read_text())
    return written


@pytest.mark.parametrize("what", ["engine_alone", "pipeline_flat_out", "pipeline_live"])
def test_rates_come_with_their_latencies(result: dict[str, Any], what: str) -> None:
    assert result[what]["fps"] > 0
    assert list(result[what]["latency_ms"]) == ["p50", "p95", "p99"]


@pytest.mark.parametrize("what", ["pipeline_flat_out", "pipeline_live"])
def test_pipelines_come_with_pair_and_drop_rate(result: dict[str, Any], what: str) -> None:
    assert 0 <= result[what]["pair_rate"] <= 1
    assert 0 <= result[what]["drop_rate"] < 1


def test_lossless_pipeline_drops_nothing_and_pairs_all(result: dict[str, Any]) -> None:
    assert (result["pipeline_flat_out"]["drop_rate"], result["pipeline_flat_out"]["pair_rate"]) == (0, 1)


def test_ratio_is_of_rates_of_the_same_run(result: dict[str, Any]) -> None:
    fps = [result[what]["fps"] for what in ("pipeline_flat_out", "engine_alone")]
    assert result["ratio"] == pytest.approx(fps[0] / fps[1], abs=1e-3)


def test_result_says_on_what_it_was_measured(result: dict[str, Any]) -> None:
    assert result["machine"]["cores"] > 0
    assert result["engine"]["fingerprint"].startswith("average@")


def test_median_is_taken_number_by_number() -> None:
    rates = [Rate(fps, {"p50": p50}, 1.0, None) for fps, p50 in ((10.0, 5.0), (30.0, 7.0), (20.0, 6.0))]
    assert median_of(rates) == Rate(20.0, {"p50": 6.0}, 1.0, None)


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, 1), (1.0, 0)])
def test_nothing_to_measure_is_refused(seconds: float, rounds: int) -> None:
    with pytest.raises(ConfigError, match="expected more than 0 of each"):
        bench(engine="average", seconds=seconds, rounds=rounds)


def test_a_size_that_can_not_be_drawn_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--size 8x8: .* can't be drawn"):
        bench(engine="average", size="8x8", seconds=0.1, rounds=1)
