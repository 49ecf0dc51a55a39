"""Timings of kernels are kept between builds: the calls alone, by TensorRT for RTX, which has no use for them."""

from pathlib import Path
from typing import Any

import pytest

from irvis.engine.tensorrt_library import logger_of
from irvis.engine.timing_cache import keep_timings, use_timings

trt = pytest.importorskip("tensorrt_rtx", reason="needs the tensorrt-rtx extra")
pytestmark = pytest.mark.filterwarnings("ignore:Use Deprecated in TensorRT-RTX:DeprecationWarning")


@pytest.fixture
def options() -> Any:
    return trt.Builder(logger_of(trt)).create_builder_config()


def test_timings_are_written_and_taken_again(options: Any, tmp_path: Path) -> None:
    path = tmp_path / "engines" / "gpu.timings"
    keep_timings(use_timings(options, path), path)
    written = path.read_bytes()
    assert written
    keep_timings(use_timings(options, path), path)
    assert path.read_bytes() == written
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_damaged_timings_are_replaced(options: Any, tmp_path: Path) -> None:
    path = tmp_path / "gpu.timings"
    path.write_bytes(b"damaged" * 20)
    keep_timings(use_timings(options, path), path)
    assert not path.read_bytes().startswith(b"damaged")
