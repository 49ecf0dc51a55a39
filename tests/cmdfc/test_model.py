import pytest
import torch
from torch.nn import functional

from cmdfc.backbone import MEAN, SPREAD, HalvingStem
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation
from cmdfc.segmentation import Segmenter, SegmenterConfig, label_map

NANO = FusionConfig(stem=8, encoder=(8,), decoder=(8,))


def test_the_halving_stem_is_the_published_stem_on_the_halved_picture() -> None:
    stem = HalvingStem()
    bgr = 255 * torch.rand(1, 3, 64, 64)
    half = (functional.avg_pool2d(bgr, 2).flip(1) - MEAN) / SPREAD
    expected = functional.conv2d(functional.pad(half, (0, 1, 0, 1)), stem.weight, stride=2)
    got = stem(bgr)
    assert torch.allclose(got[..., :-1, :-1], expected[..., :-1, :-1], atol=1e-4)


def test_label_map_is_the_argmax_of_the_enlarged_scores() -> None:
    scores = torch.randn(1, 9, 6, 5)
    fine = functional.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)
    expected = fine.argmax(1).repeat_interleave(2, 1).repeat_interleave(2, 2)
    assert torch.equal(label_map(scores), expected.to(torch.uint8))


@pytest.mark.parametrize(("unshuffle", "stride"), [(1, 1), (2, 1), (4, 2)])
def test_the_graph_takes_and_gives_bytes_at_every_resolution_of_the_body(unshuffle: int, stride: int) -> None:
    config = FusionConfig(unshuffle=unshuffle, stem=8, encoder=(8,), strides=(stride,), decoder=(8,))
    model = FusionSegmentation(FusionNet(config), Segmenter(SegmenterConfig())).eval()
    visible = torch.randint(0, 256, (2, 64, 96, 3), dtype=torch.uint8)
    with torch.inference_mode():
        fused, labels = model(visible, visible[..., 0].contiguous())
    assert fused.shape == (2, 64, 96, 3)
    assert labels.shape == (2, 64, 96)
    assert fused.dtype == labels.dtype == torch.uint8
    assert labels.max() < 9


def test_without_a_segmenter_every_label_is_zero() -> None:
    model = FusionSegmentation(FusionNet(NANO), None).eval()
    visible = torch.randint(0, 256, (1, 16, 16, 3), dtype=torch.uint8)
    with torch.inference_mode():
        _, labels = model(visible, visible[..., 0].contiguous())
    assert not labels.any()
