import csv
from pathlib import Path

import pytest
import torch

from cmdfc import checkpoint
from cmdfc.fusion import FusionConfig
from cmdfc.model import build
from cmdfc.settings import (
    DataFolder,
    DataShare,
    Distillation,
    FusionTraining,
    JointTraining,
    Schedule,
    SegmentationTraining,
)
from cmdfc.tasks import open_task
from cmdfc.tasks.joint import JointTask
from cmdfc.tasks.segmentation import SegmentationTask
from cmdfc.train import train
from irvis.errors import DataError


def settings(pair_folder: Path, steps: int) -> FusionTraining:
    return FusionTraining(
        network=FusionConfig(stem=4, encoder=(4,), decoder=(8,)),
        data=[DataShare(folder=pair_folder)],
        schedule=Schedule(steps=steps, batch=2, crop=48, rate=2e-3, save_every=3),
    )


def run(pair_folder: Path, out: Path, steps: int) -> checkpoint.Checkpoint:
    chosen = settings(pair_folder, steps)
    return checkpoint.load(train(open_task(chosen, pair_folder), chosen.schedule, out))


def test_training_lowers_the_loss_and_logs_it(pair_folder: Path, tmp_path: Path) -> None:
    run(pair_folder, tmp_path, 60)
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    totals = [sum(float(row[name]) for name in ("intensity", "gradient", "fidelity")) for row in rows]
    assert [row["step"] for row in rows] == ["20", "40", "60"]
    assert totals[-1] < totals[0]


def test_a_training_cut_short_goes_on_to_the_same_weights(
    pair_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(pair_folder, tmp_path / "whole", 6)
    chosen = settings(pair_folder, 6)
    task = open_task(chosen, pair_folder)
    seen = task.losses

    def interrupted(step: int) -> object:
        if step == 4:
            raise KeyboardInterrupt
        return seen(step)

    monkeypatch.setattr(task, "losses", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(task, chosen.schedule, tmp_path / "cut")
    resumed = run(pair_folder, tmp_path / "cut", 6)
    assert all(torch.allclose(resumed["weights"][k], v, atol=1e-6) for k, v in whole["weights"].items())


def test_a_checkpoint_of_another_network_is_refused(pair_folder: Path, tmp_path: Path) -> None:
    run(pair_folder, tmp_path, 3)
    other = settings(pair_folder, 3).model_copy(
        update={"network": FusionConfig(stem=8, encoder=(8,), decoder=(8,))}
    )
    with pytest.raises(DataError, match="another network"):
        train(open_task(other, pair_folder), other.schedule, tmp_path)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.pt"
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(DataError, match=r"broken\.pt"):
        checkpoint.load(path)


def test_a_segmenter_checkpoint_is_no_fusion_checkpoint(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a.pt", {"kind": "segmentation"})
    with pytest.raises(DataError, match="expected a fusion one"):
        checkpoint.load(tmp_path / "a.pt", "fusion")


def test_the_segmenter_trains_on_fused_pictures(pair_folder: Path, tmp_path: Path) -> None:
    chosen = settings(pair_folder, 3)
    fusion = train(open_task(chosen, pair_folder), chosen.schedule, tmp_path / "fusion")
    training = SegmentationTraining(
        fusion=fusion,
        data=[DataFolder(folder=pair_folder)],
        schedule=Schedule(steps=2, batch=2, crop=64, rate=1e-3),
    )
    path = train(open_task(training, pair_folder), training.schedule, tmp_path / "segmenter")
    assert checkpoint.load(path)["kind"] == "segmentation"


def joint_settings(pair_folder: Path, **changes: object) -> JointTraining:
    return JointTraining(
        network=FusionConfig(stem=4, encoder=(4,), decoder=(8,)),
        data=[DataShare(folder=pair_folder)],
        labelled=[DataFolder(folder=pair_folder)],
        labelled_batch=2,
        labelled_crop=64,
        schedule=Schedule(steps=4, batch=2, crop=64, rate=1e-3, save_every=2),
    ).model_copy(update=changes)


def test_a_joint_training_makes_a_checkpoint_that_fuses_and_labels(pair_folder: Path, tmp_path: Path) -> None:
    chosen = joint_settings(pair_folder)
    path = train(open_task(chosen, pair_folder), chosen.schedule, tmp_path)
    header = (tmp_path / "log.csv").read_text().splitlines()[0].split(",")
    assert {"intensity", "semantic", "main", "overlap"} <= set(header)
    model = build(path, None)
    assert model.segmenter is not None
    assert checkpoint.load(path, "fusion")["weights"].keys() == model.fusion.state_dict().keys()


def test_the_semantic_loss_shapes_the_fusion_and_leaves_the_segmenter(pair_folder: Path) -> None:
    task = open_task(joint_settings(pair_folder), pair_folder)
    assert isinstance(task, JointTask)
    task.losses(3)["semantic"].backward()  # type: ignore[no-untyped-call]
    moved = {name for name, weight in task.network.named_parameters() if weight.grad is not None}
    assert any(name.startswith("fusion.") for name in moved)
    assert not any(name.startswith("segmentation.") for name in moved)


def test_a_segmenter_that_does_not_learn_only_judges(pair_folder: Path, tmp_path: Path) -> None:
    chosen = joint_settings(pair_folder, segmenter_learns=False)
    task = JointTask(chosen, pair_folder)
    before = {name: weight.clone() for name, weight in task.network.state_dict().items()}
    train(task, chosen.schedule, tmp_path)
    after = task.network.state_dict()
    moved = {name.partition(".")[0] for name, weight in before.items() if not torch.equal(after[name], weight)}
    assert moved == {"fusion"}
    assert {"semantic"} == set(task.losses(3)) & {"semantic", "main", "overlap"}


def test_the_semantic_weight_grows_from_round_to_round(pair_folder: Path) -> None:
    task = JointTask(joint_settings(pair_folder, semantic=0.5, rounds=2), pair_folder)
    assert [task.semantic_weight(step) for step in range(4)] == [0, 0, 0.5, 0.5]


def test_a_joint_training_starts_from_finished_networks(pair_folder: Path, tmp_path: Path) -> None:
    chosen = joint_settings(pair_folder)
    path = train(open_task(chosen, pair_folder), chosen.schedule, tmp_path)
    finished = joint_settings(pair_folder, network=None, start_fusion=path, start_segmenter=path)
    again = JointTask(finished, pair_folder)  # with the widths of those networks
    stored = checkpoint.load(path)["weights"]
    assert all(torch.equal(stored[name], weight) for name, weight in again.network.state_dict().items())
    wider = FusionConfig(stem=8, encoder=(8,), decoder=(8,))
    with pytest.raises(DataError, match="other widths"):
        JointTask(joint_settings(pair_folder, start_fusion=path, network=wider), pair_folder)


def test_a_joint_training_learns_from_a_larger_network(pair_folder: Path, tmp_path: Path) -> None:
    larger = joint_settings(pair_folder, network=FusionConfig(stem=8, encoder=(8,), decoder=(8,)))
    teacher = train(open_task(larger, pair_folder), larger.schedule, tmp_path)
    learns = joint_settings(pair_folder, distillation=Distillation(teacher=teacher, weight=2.0))
    task = JointTask(learns, pair_folder)
    alone, taught = JointTask(joint_settings(pair_folder), pair_folder).losses(0), task.losses(0)
    assert set(taught) - set(alone) == {"distillation"}
    itself = learns.model_copy(update={"start_fusion": teacher, "network": None})
    assert JointTask(itself, pair_folder).losses(0)["distillation"] == 0
    assert taught["distillation"] > 0
    assert not any("teacher" in name for name in task.network.state_dict())


def test_a_segmenter_goes_on_from_a_finished_one(pair_folder: Path, tmp_path: Path) -> None:
    chosen = joint_settings(pair_folder)
    path = train(open_task(chosen, pair_folder), chosen.schedule, tmp_path)
    again = SegmentationTask(
        SegmentationTraining(
            start=path,
            picture="visible",
            data=[DataFolder(folder=pair_folder)],
            schedule=Schedule(steps=4, batch=2, crop=64, rate=1e-3),
        ),
        pair_folder,
    )
    stored = checkpoint.load(path, "segmentation")["weights"]
    assert all(torch.equal(stored[name], weight) for name, weight in again.network.state_dict().items())


def test_mixed_precision_keeps_weights_and_losses_in_float32(pair_folder: Path) -> None:
    chosen = settings(pair_folder, 3)
    schedule = chosen.schedule.model_copy(update={"precision": "bfloat16"})
    task = open_task(chosen.model_copy(update={"schedule": schedule}), pair_folder)
    mixed, plain = (
        {name: loss.detach() for name, loss in each.losses(0).items()}
        for each in (task, open_task(chosen, pair_folder))
    )
    assert {loss.dtype for loss in mixed.values()} == {torch.float32}
    assert {parameter.dtype for parameter in task.network.parameters()} == {torch.float32}
    assert float(mixed["intensity"]) == pytest.approx(float(plain["intensity"]), rel=0.02)
    assert float(mixed["intensity"]) != float(plain["intensity"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused_with_what_to_do(pair_folder: Path) -> None:
    chosen = settings(pair_folder, 3)
    schedule = chosen.schedule.model_copy(update={"device": "cuda"})
    with pytest.raises(DataError, match="device: auto"):
        open_task(chosen.model_copy(update={"schedule": schedule}), pair_folder)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU that PyTorch can use")
def test_a_training_begun_on_the_processor_goes_on_on_the_gpu(pair_folder: Path, tmp_path: Path) -> None:
    for device, steps in (("cpu", 3), ("cuda", 6)):
        chosen = settings(pair_folder, steps)
        schedule = chosen.schedule.model_copy(update={"device": device})
        moved = chosen.model_copy(update={"schedule": schedule})
        train(open_task(moved, pair_folder), schedule, tmp_path)
    assert checkpoint.load(tmp_path / "checkpoint.pt")["training"]["step"] == 6
