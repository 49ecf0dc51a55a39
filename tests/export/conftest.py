"""One small network with every kind of layer, and its artifact, exported once for all tests."""

from pathlib import Path

import cv2
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
from irvis.scene import Scene, SceneConfig

WIDTH, HEIGHT = 160, 128
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model() -> FusionSegmentation:
    torch.manual_seed(0)
    segmenter = Segmenter(SegmenterConfig(taps=(0, 2), width=16, fine_width=8))
    segmenter.backbone.load_imagenet()
    fusion = FusionNet(FusionConfig(stem=8, encoder=(8,), strides=(2,), decoder=(8,)))
    return FusionSegmentation(fusion, segmenter).eval()


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small pairs of the synthetic street, by night and by day, as --pairs takes it."""
    folder = tmp_path_factory.mktemp("pairs")
    for kind in ("ir", "vi"):
        (folder / kind).mkdir()
    for light in ("night", "day"):
        config = {"light": light, "width": WIDTH, "height": HEIGHT, "ir_width": WIDTH, "ir_height": HEIGHT}
        scene = Scene(SceneConfig.model_validate(config))
        cv2.imwrite(str(folder / "vi" / f"{light}.png"), scene.visible(0.0))
        cv2.imwrite(str(folder / "ir" / f"{light}.png"), scene.infrared(0.0))
    return folder


@pytest.fixture(scope="session")
def check(model: FusionSegmentation, pairs: Path) -> Check:
    # An untrained segmenter sits on the fence everywhere, so its labels may flip with the last bit of the weights.
    return Check(TorchEngine(model, "small"), to_compare(pairs), allow_loss=True)


@pytest.fixture(scope="session")
def exported(model: FusionSegmentation, check: Check, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("artifact")
    return artifact.write(artifact.from_network(model, "small", folder), "fp32", check)
