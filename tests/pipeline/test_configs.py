"""The configurations that ship can be loaded, and keep their promises."""

from pathlib import Path

import pytest

from irvis.config import load
from irvis.settings import PipelineConfig, SyntheticSource

CONFIGS = Path(__file__).parents[2] / "configs" / "pipeline"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_configuration_loads(path: Path) -> None:
    assert load(PipelineConfig, path).sinks


def test_both_eyes_of_the_demo_see_one_world() -> None:
    config = load(PipelineConfig, CONFIGS / "demo.yaml")
    assert isinstance(config.visible, SyntheticSource)
    assert config.infrared == config.visible


@pytest.mark.parametrize("name", ["demo", "traffic"])
def test_recordings_lose_no_fused_frame(name: str) -> None:
    config = load(PipelineConfig, CONFIGS / f"{name}.yaml")
    assert [sink.link for sink in config.sinks if sink.kind == "video"] == ["lossless"]


def test_files_lose_no_frame() -> None:
    assert load(PipelineConfig, CONFIGS / "traffic.yaml").sync.link == "lossless"
