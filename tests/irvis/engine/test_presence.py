"""`irvis engines` names every engine, and for what can't run here the line that ends it."""

import pytest

from irvis.engine import ENGINES
from irvis.engine.cuda import capability
from irvis.engine.presence import present
from irvis.errors import EngineUnavailable


def test_every_engine_of_the_table_is_told() -> None:
    assert {each.kind for each in present()} == set(ENGINES)


def test_what_runs_has_a_device_and_precisions_and_what_does_not_has_a_reason() -> None:
    for each in present():
        assert bool(each.lacks) != bool(each.device and each.precisions)


def test_a_library_that_is_missing_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tensorrt", "tensorrt_rtx", "torch"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    lacks = {each.runtime: each.lacks for each in present() if each.lacks}
    assert lacks["tensorrt"].startswith("pip install 'irvis[tensorrt]'")
    assert lacks["tensorrt-rtx"].startswith("pip install 'irvis[tensorrt-rtx]'")
    assert lacks["torch"] == "pip install 'irvis[train]'"


def test_without_a_gpu_tensorrt_says_so() -> None:
    pytest.importorskip("tensorrt_rtx", reason="needs the tensorrt-rtx extra")
    try:
        capability()
    except EngineUnavailable:
        rtx = next(each for each in present() if each.runtime.startswith("tensorrt-rtx-"))
        assert "no NVIDIA GPU can be used here" in rtx.lacks
    else:
        pytest.skip("there is a GPU")
