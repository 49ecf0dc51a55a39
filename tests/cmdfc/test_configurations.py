"""The training configurations that ship are valid, and their networks cost what their comments say."""

from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from cmdfc.fusion import FusionNet
from cmdfc.settings import FusionTraining, TrainingFile
from irvis.config import load

CONFIGURATIONS = sorted((Path(__file__).parents[2] / "configs" / "train").glob("*.yaml"))
SIZE = (48, 64)
"""A hundredth of 480 x 640: convolutions cost in proportion."""


def training(name: str) -> FusionTraining:
    chosen = load(TrainingFile, next(path for path in CONFIGURATIONS if path.stem == name), []).training
    assert isinstance(chosen, FusionTraining)
    return chosen


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_a_shipped_configuration_is_valid(path: Path) -> None:
    load(TrainingFile, path, [])


@pytest.mark.parametrize(("name", "gmac"), [("faithful", 361.2), ("fast", 9.9), ("nano", 0.44)])
def test_a_network_costs_what_its_configuration_says(name: str, gmac: float) -> None:
    network = FusionNet(training(name).network)
    picture = torch.zeros(1, 1, *SIZE)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network.fuse(picture, picture)
    assert counter.get_total_flops() / 2e9 * 100 == pytest.approx(gmac, rel=0.01)
