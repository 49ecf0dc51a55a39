import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from torch.nn import functional

from cmdfc.backbone import MEAN, SPREAD, HalvingStem
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation
from cmdfc.segmentation import Segmenter, SegmenterConfig, label_map, scale2x

NANO = FusionConfig(stem=8, encoder=(8,), decoder=(8,))


def test_the_halving_stem_is_the_published_stem_on_the_halved_picture() -> None:
    stem = HalvingStem()
    bgr = 255 * torch.rand(1, 3, 64, 64)
    half = (functional.avg_pool2d(bgr, 2).flip(1) - MEAN) / SPREAD
    expected = functional.conv2d(functional.pad(half, (0, 1, 0, 1)), stem.weight, stride=2)
    got = stem(bgr)
    assert torch.allclose(got[..., :-1, :-1], expected[..., :-1, :-1], atol=1e-4)


def test_label_map_is_the_argmax_inside_and_keeps_straight_edges() -> None:
    scores = torch.full((1, 9, 6, 8), -1.0)
    scores[:, 0] = 0
    scores[:, 2, 1:5, 2:6] = 1
    expected = torch.zeros(6, 8, dtype=torch.uint8)
    expected[1:5, 2:6] = 2
    got = label_map(scores)[0]
    enlarged = expected.repeat_interleave(4, 0).repeat_interleave(4, 1)
    # Only the square's corners may be rounded.
    assert (got != enlarged).sum() <= 4 * 5
    assert torch.equal(got[8:16, 12:20], enlarged[8:16, 12:20])


@given(labels=arrays(np.float32, (1, 5, 6), elements=st.sampled_from([0.0, 1.0, 2.0])))
def test_enlarging_makes_no_label_that_was_not_beside_it(labels: NDArray[np.float32]) -> None:
    given_labels = torch.from_numpy(labels)
    doubled = scale2x(given_labels)[0]
    padded = functional.pad(given_labels, (1, 1, 1, 1))[0]
    for row, column in itertools.product(range(10), range(12)):
        around = padded[row // 2 : row // 2 + 3, column // 2 : column // 2 + 3]
        assert doubled[row, column] in around


def test_enlarging_rounds_a_corner() -> None:
    square = torch.zeros(1, 6, 6)
    square[..., 2:, 2:] = 1
    doubled = scale2x(square)[0]
    assert doubled[4, 4] == 0
    assert doubled[4, 5] == doubled[5, 4] == doubled[5, 5] == 1


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


def test_both_lumas_are_whole_levels() -> None:
    class Spy(FusionNet):
        def fuse(self, luma: torch.Tensor, infrared: torch.Tensor) -> torch.Tensor:
            seen.append(255 * luma)
            return (luma * 0.7 + infrared * 0.3).sqrt()

    seen: list[torch.Tensor] = []
    generator = torch.Generator().manual_seed(0)
    coloured = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8, generator=generator)
    gray = coloured[..., :1].expand(-1, -1, -1, 3)
    infrared = torch.full((1, 64, 64), 90, dtype=torch.uint8)
    model = FusionSegmentation(Spy(NANO), None).eval()
    model.levels(coloured, infrared)
    assert torch.allclose(seen[0], seen[0].round(), atol=1e-3)
    fused = model.levels(gray, infrared)
    assert torch.allclose(fused, fused.round(), atol=1e-2)


def test_where_the_network_takes_the_visible_its_pixels_stay_as_they_are() -> None:
    class Visible(FusionNet):
        def fuse(self, luma: torch.Tensor, infrared: torch.Tensor) -> torch.Tensor:
            del infrared
            return luma

    generator = torch.Generator().manual_seed(0)
    visible = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8, generator=generator)
    picture, _ = FusionSegmentation(Visible(NANO), None).eval()(visible, visible[..., 0])
    assert torch.equal(picture, visible)
