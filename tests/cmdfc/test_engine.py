"""The PyTorch engine, opened from checkpoints as the fusion node opens it."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from cmdfc import checkpoint
from cmdfc.fusion import FusionConfig, FusionNet
from irvis.engine import open_engine
from irvis.errors import ConfigError, EngineUnavailable
from irvis.settings import EngineSettings


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    network = FusionNet(FusionConfig(stem=8, encoder=(8,), decoder=(8,)))
    path = tmp_path / "tiny" / "checkpoint.pt"
    saved = {"kind": "fusion", "network": asdict(network.config), "weights": network.state_dict()}
    checkpoint.save(path, saved)
    return path


def test_a_checkpoint_runs_behind_the_contract(trained: Path) -> None:
    engine = open_engine(EngineSettings(artifact=str(trained), kind="torch"), (64, 48))
    fused, labels = engine.fuse(np.zeros((48, 64, 3), np.uint8), np.zeros((48, 64), np.uint8))
    assert (fused.shape, labels.shape) == ((48, 64, 3), (48, 64))
    assert engine.fingerprint.startswith("tiny@")


def test_what_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"artifact cmdfc-nano: torch runs the network's checkpoint and no graph"
    ):
        open_engine(EngineSettings(kind="torch"), (64, 48))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_graphs_without_a_gpu_are_refused(trained: Path) -> None:
    with pytest.raises(EngineUnavailable, match="CUDA graphs need an NVIDIA GPU"):
        open_engine(EngineSettings(artifact=str(trained), kind="torch", torch_mode="graphs"), (64, 48))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("mode", ["eager", "compile", "graphs"])
def test_every_mode_gives_the_same_picture_on_a_gpu(trained: Path, mode: str) -> None:
    settings = {"artifact": str(trained), "kind": "torch", "precision": "fp32"}
    noise = np.random.default_rng(0)
    visible, infrared = noise.integers(0, 256, (48, 64, 3), np.uint8), noise.integers(0, 256, (48, 64), np.uint8)
    wanted, _ = open_engine(EngineSettings.model_validate(settings), (64, 48)).fuse(visible, infrared)
    asked = EngineSettings.model_validate({**settings, "torch_mode": mode})
    fused, _ = open_engine(asked, (64, 48)).fuse(visible, infrared)
    assert np.abs(fused.astype(int) - wanted).max() <= 1
