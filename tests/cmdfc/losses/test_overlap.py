import pytest
import torch

from cmdfc.losses.overlap import overlap_loss
from cmdfc.losses.semantic import IGNORED

CERTAIN = 50.0


def scores_of(labels: torch.Tensor, classes: int = 3) -> torch.Tensor:
    return CERTAIN * torch.nn.functional.one_hot(labels, classes).movedim(-1, 1).float()


def test_a_certain_answer_costs_one_minus_the_mean_iou() -> None:
    truth = torch.tensor([[[0, 0, 1, 1], [0, 0, 1, 2], [0, 0, 0, 2], [0, 0, 0, 2]]])
    answer = torch.tensor([[[0, 0, 1, 1], [0, 1, 1, 2], [0, 0, 0, 2], [0, 0, 0, 0]]])
    ious = torch.tensor([9 / 11, 3 / 4, 2 / 3])
    assert overlap_loss(scores_of(answer), truth).item() == pytest.approx(1 - ious.mean().item(), abs=1e-5)


def test_ignored_pixels_and_absent_classes_cost_nothing() -> None:
    truth = torch.tensor([[[0, 0], [1, IGNORED]]])
    assert overlap_loss(scores_of(torch.tensor([[[0, 0], [1, 2]]])), truth).item() == pytest.approx(0, abs=1e-5)


def test_finer_labels_are_taken_at_the_scores_resolution() -> None:
    coarse = torch.tensor([[[0, 1], [2, 0]]])
    fine = coarse.repeat_interleave(4, 1).repeat_interleave(4, 2)
    assert overlap_loss(scores_of(coarse), fine).item() == pytest.approx(0, abs=1e-5)


def test_its_gradient_makes_the_answer_better() -> None:
    torch.manual_seed(0)
    truth = torch.randint(0, 3, (1, 8, 8))
    scores = torch.zeros(1, 3, 8, 8, requires_grad=True)
    before = overlap_loss(scores, truth)
    before.backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    assert overlap_loss(scores - 50 * scores.grad, truth) < before


def test_a_batch_of_only_ignored_pixels_costs_nothing() -> None:
    assert overlap_loss(torch.zeros(1, 3, 2, 2), torch.full((1, 2, 2), IGNORED)).item() == 0
