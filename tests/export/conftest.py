"""One small network with every kind of layer, and its artifact, exported once for all tests."""

from dataclasses import replace

import pytest
import torch

from cmdfc.engine import TorchEngine
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation
from cmdfc.segmentation import Segmenter, SegmenterConfig
from export import artifact
from export.artifact import Check
from export.pairs import to_compare
from irvis.engine import Artifact

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model() -> FusionSegmentation:
    torch.manual_seed(0)
    segmenter = Segmenter(SegmenterConfig(taps=(0, 2), width=16, fine_width=8))
    segmenter.backbone.load_imagenet()
    return FusionSegmentation(FusionNet(FusionConfig(stem=8, encoder=(8,), decoder=(8,))), segmenter).eval()


@pytest.fixture(scope="session")
def check(model: FusionSegmentation) -> Check:
    # An untrained segmenter sits on the fence everywhere, so its labels may flip with the last bit of the weights.
    pairs = [replace(p, visible=p.visible[:256, :320], infrared=p.infrared[:256, :320]) for p in to_compare(None)]
    return Check(TorchEngine(model, "small"), pairs, allow_loss=True)


@pytest.fixture(scope="session")
def exported(model: FusionSegmentation, check: Check, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("artifact")
    return artifact.write(artifact.from_network(model, "small", folder), "fp32", check)
