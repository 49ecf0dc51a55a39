import numpy as np
import pytest
import torch

from cmdfc.losses.darkening import UNSEEN, UNSEEN_SHARE, darkening_loss
from cmdfc.losses.difference import difference_loss
from cmdfc.losses.fidelity import fidelity_loss, infrared_fidelity_loss
from cmdfc.losses.fusion import TERMS, FusionLossWeights, fusion_losses
from cmdfc.losses.gradient import gradient_loss
from cmdfc.losses.information import information_loss
from cmdfc.losses.intensity import GAIN, intensity_loss
from cmdfc.losses.marks import hidden_marks
from cmdfc.losses.semantic import semantic_loss
from cmdfc.losses.structural import structural_loss
from cmdfc.metrics import METRICS


def pictures(side: int = 96) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(3)
    smooth = torch.nn.AvgPool2d(5, 1, 2)
    a, b = (smooth(torch.from_numpy(rng.random((1, 1, side, side)).astype(np.float32))) for _ in range(2))
    return torch.maximum(a, b), a, b


def test_fidelity_loss_is_minus_the_metric() -> None:
    fused, luma, infrared = pictures()
    loss = fidelity_loss(fused, luma, infrared, sizes=(17, 9, 5, 3))
    metric = next(m for m in METRICS if m.name == "VIF")
    gray = [x[0, 0].numpy().astype(np.float64) * 255 for x in (fused, infrared, luma)]
    assert float(-loss) == pytest.approx(metric.figures(*gray)[0], abs=2e-3)


def test_infrared_fidelity_loss_is_minus_the_infrared_part_of_the_metric() -> None:
    fused, luma, infrared = pictures()
    metric = next(m for m in METRICS if m.name == "VIF")
    gray = [x[0, 0].numpy().astype(np.float64) * 255 for x in (fused, infrared, luma)]
    assert float(-infrared_fidelity_loss(fused, luma, infrared)) == pytest.approx(
        metric.figures(*gray)[1], abs=2e-3
    )


def test_information_loss_of_8_bit_pictures_without_marks_is_minus_the_metric() -> None:
    _, luma, other = pictures()
    fused, luma, infrared = ((picture * 255).round() / 255 for picture in (luma + other / 4, luma, luma / 2))
    metric = next(m for m in METRICS if m.name == "MI")
    gray = [x[0, 0].numpy().astype(np.float64) * 255 for x in (fused, infrared, luma)]
    assert float(-information_loss(fused, luma, infrared)) == pytest.approx(metric.figures(*gray)[0], abs=1e-3)


@pytest.mark.parametrize(("side", "of_its_own"), [(96, False), (256, True)])
def test_information_loss_counts_whole_pictures_each_by_itself(side: int, *, of_its_own: bool) -> None:
    _, luma, infrared = pictures(side)
    one = luma, luma, infrared
    other = 1 - luma, luma, infrared  # the same information, by the opposite tone curve
    both = [torch.cat(pair) for pair in zip(one, other, strict=True)]
    alone = (information_loss(*one) + information_loss(*other)) / 2
    assert torch.isclose(information_loss(*both), alone, atol=1e-4).item() is of_its_own


def test_structural_loss_is_the_metrics_where_there_is_contrast() -> None:
    fused, luma, infrared = pictures()
    metric = next(m for m in METRICS if m.name == "SSIM")
    gray = [x[0, 0].numpy().astype(np.float64) * 255 for x in (fused, infrared, luma)]
    assert float(2 - structural_loss(fused, luma, infrared)) == pytest.approx(metric.figures(*gray)[0], abs=5e-3)


def test_information_loss_prefers_a_source_with_a_new_tone_curve_to_a_blend() -> None:
    _, luma, infrared = pictures()
    curved, blend = luma.sqrt(), (luma + infrared) / 2
    assert information_loss(curved, luma, infrared) < information_loss(blend, luma, infrared)


def road(mark: slice, side: int = 96) -> torch.Tensor:
    """A dark road that light alone shows, with a white mark across it."""
    luma = torch.full((1, 1, side, side), 0.1)
    luma[..., mark] = 0.3
    return luma


def test_intensity_loss_is_zero_on_the_pixel_max_where_nothing_is_marked() -> None:
    luma, infrared = road(slice(40, 96)), torch.full((1, 1, 96, 96), 0.2)
    assert float(intensity_loss(torch.maximum(luma, infrared), luma, infrared)) == 0


def test_a_white_mark_on_a_warm_road_is_wanted_brighter_than_the_road() -> None:
    luma, infrared = road(slice(40, 50)), torch.full((1, 1, 96, 96), 0.5)
    hidden, kept = infrared.clone(), infrared.clone()
    kept[..., 40:50] = 0.5 + GAIN * 0.2
    assert float(intensity_loss(kept, luma, infrared)) == pytest.approx(0, abs=1e-6)
    assert float(intensity_loss(hidden, luma, infrared)) > 0.02


def test_a_mark_that_the_brighter_source_shows_is_left_alone() -> None:
    luma, infrared = road(slice(40, 50)), torch.zeros(1, 1, 96, 96)
    assert float(intensity_loss(luma, luma, infrared)) == 0


def test_noise_leaves_no_marks() -> None:
    noise = 0.3 + 0.006 * torch.randn(1, 1, 96, 96, generator=torch.Generator().manual_seed(1))
    assert float(hidden_marks(noise, torch.full_like(noise, 0.5)).mean()) < 1e-3


def test_information_loss_asks_nothing_of_marks() -> None:
    luma, infrared = road(slice(40, 50)), torch.full((1, 1, 96, 96), 0.5)
    hidden, kept = infrared.clone(), infrared.clone()
    kept[..., 40:50] = 0.8
    assert information_loss(kept, luma, infrared) == information_loss(hidden, luma, infrared)


def test_darkening_loss_counts_what_is_darker_than_the_visible_beyond_what_is_unseen() -> None:
    _, luma, infrared = pictures()
    unseen = torch.minimum(UNSEEN_SHARE * luma, torch.tensor(UNSEEN))
    assert darkening_loss(torch.maximum(luma, infrared), luma, infrared) == 0
    assert darkening_loss(luma - unseen, luma, infrared) == pytest.approx(0, abs=1e-7)
    assert float(darkening_loss(luma - unseen - 0.1, luma, infrared)) == pytest.approx(0.1, abs=1e-5)


def test_darkening_loss_counts_on_a_dim_road_what_it_lets_pass_on_a_lit_one() -> None:
    dim, lit = torch.full((1, 1, 8, 8), 0.08), torch.full((1, 1, 8, 8), 0.4)
    assert darkening_loss(dim - UNSEEN, dim, dim) > 0
    assert darkening_loss(lit - UNSEEN, lit, lit) == 0


def test_gradient_loss_tells_an_edge_from_its_opposite() -> None:
    edge = torch.zeros(1, 1, 16, 16)
    edge[..., 8:] = 0.5
    flat = torch.zeros_like(edge)
    assert float(gradient_loss(edge, edge, flat)) == 0
    assert float(gradient_loss(0.5 - edge, edge, flat)) > 0.05


def test_difference_loss_is_lowest_when_both_sources_are_in_the_picture() -> None:
    _, luma, infrared = pictures()
    both = difference_loss(luma + infrared, luma, infrared)
    one = difference_loss(luma, luma, infrared)
    assert float(both) == pytest.approx(0, abs=1e-2)
    assert float(one) > 0.5


@pytest.mark.parametrize("name", sorted(TERMS))
def test_every_term_has_a_finite_gradient(name: str) -> None:
    fused, luma, infrared = pictures()
    fused = (fused / 2).requires_grad_()
    TERMS[name](fused, luma, infrared).backward()  # type: ignore[no-untyped-call]
    assert fused.grad is not None
    assert torch.isfinite(fused.grad).all()
    assert fused.grad.abs().sum() > 0


def test_a_weight_of_zero_leaves_the_term_out() -> None:
    weights = FusionLossWeights(intensity=1, gradient=0, fidelity=0)
    assert list(fusion_losses(weights, *pictures())) == ["intensity"]


def test_semantic_loss_ignores_unknown_pixels_and_wants_the_truth() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.int64)
    labels[:, 8:] = 255
    right = torch.zeros(1, 9, 16, 16)
    right[:, 0] = 8
    wrong = right.roll(1, 1)
    assert float(semantic_loss(right, labels)) < 0.01
    assert float(semantic_loss(wrong, labels)) > 5
