"""Engines beside each other: every one that runs has rate, latencies and memory; every other one its reason."""

import json
from pathlib import Path

import cv2
import pytest

from irvis.engine.openvino import native_precisions
from irvis.errors import ConfigError, EngineError
from pipeline.bench.command import bench
from pipeline.bench.compare import cases


def test_comparison_has_rate_latencies_memory_and_ratio(tmp_path: Path) -> None:
    written, markdown, plot = (tmp_path / f"b.{suffix}" for suffix in ("json", "md", "png"))
    bench(engines="average,tensorrt", sizes="64x48", seconds=0.1, json_=written, markdown=markdown, plot=plot)
    results = json.loads(written.read_text())["results"]
    measured = [result for result in results if result["rate"]]
    assert [result["size"] for result in measured] == [[64, 48]]
    assert all(list(result["rate"]["latency_ms"]) == ["p50", "p95", "p99"] for result in measured)
    assert next(result["refusal"] for result in results if not result["rate"])
    table = markdown.read_text()
    assert "| average |" in table or "average uint8" in table
    assert table.count("| 1.00 |") == 1
    assert cv2.imread(str(plot)) is not None


def test_engine_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError, match="--engines magic: expected all, or some of"):
        cases(["cmdfc-nano"], ["magic"], [(64, 48)], [1])


def test_all_is_every_engine_and_openvino_in_each_precision_of_the_processor() -> None:
    todo = cases(["cmdfc-nano"], ["all"], [(64, 48)], [1, 4])
    assert [(case.kind, case.precision) for case in todo if case.batch == 4] == [
        ("onnx", "auto"),
        *(("openvino", precision) for precision in native_precisions()),
        ("tensorrt", "auto"),
        ("torch", "auto"),
    ]


def test_every_size_is_measured_with_every_engine() -> None:
    todo = cases(["cmdfc-nano"], ["average", "onnx"], [(64, 48), (32, 32)], [1])
    assert [(case.kind, case.size) for case in todo] == [
        ("average", (64, 48)),
        ("onnx", (64, 48)),
        ("average", (32, 32)),
        ("onnx", (32, 32)),
    ]


def test_checkpoints_are_measured_in_torch_alone() -> None:
    todo = cases(["cmdfc-nano", "runs/nano/checkpoint.pt"], ["all"], [(64, 48)], [1])
    assert [case.kind for case in todo if case.artifact.endswith(".pt")] == ["torch"]


def test_nothing_that_can_run_is_an_error() -> None:
    with pytest.raises(EngineError, match=r"no engine could run: onnx: artifact nothing: no such file"):
        bench(artifact="nothing", engines="onnx", sizes="64x48", seconds=0.1)
