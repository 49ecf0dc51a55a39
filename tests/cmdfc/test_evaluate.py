from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from cmdfc.data.pairs import PairFolder
from cmdfc.engine import TorchEngine
from cmdfc.evaluate import Evaluation
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.metrics import COLUMNS
from cmdfc.model import FusionSegmentation
from cmdfc.outputs import Output, Role, network, saved, segment_with, trivial
from cmdfc.segmentation import CLASSES, Segmenter, SegmenterConfig
from irvis.errors import DataError


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(SegmenterConfig()).eval()


@pytest.fixture(scope="module")
def engine(segmenter: Segmenter) -> TorchEngine:
    fusion = FusionNet(FusionConfig(stem=4, encoder=(4,), decoder=(8,)))
    return TorchEngine(FusionSegmentation(fusion, segmenter), "small")


def finished(folder: PairFolder, outputs: Sequence[Output], jobs: int = 2) -> Evaluation:
    evaluation = Evaluation(folder, outputs)
    assert list(evaluation.run(jobs)) == folder.names
    return evaluation


@pytest.fixture(scope="module")
def evaluation(pair_folder: Path, engine: TorchEngine) -> Evaluation:
    return finished(PairFolder(pair_folder), [network(engine, "small", True), *trivial(None)])


def test_every_output_is_scored_on_every_pair(evaluation: Evaluation) -> None:
    assert list(evaluation.scores) == ["small", "copy visible", "copy infrared", "mean", "pixel max"]
    assert all(list(scores.rows) == ["00", "01", "02", "03"] for scores in evaluation.scores.values())
    assert set(evaluation.scores["mean"].rows["00"]) == set(COLUMNS)
    assert evaluation.scores["copy visible"].means()["VIF_vis"] == pytest.approx(1, abs=1e-3)


def test_figures_do_not_depend_on_the_number_of_threads(pair_folder: Path) -> None:
    folder, outputs = PairFolder(pair_folder), trivial(None)[2:]
    alone, together = finished(folder, outputs, jobs=1), finished(folder, outputs, jobs=3)
    assert alone.scores == together.scores


def test_every_true_pixel_is_judged_where_there_are_labels(evaluation: Evaluation) -> None:
    confusion = evaluation.scores["small"].confusion
    assert confusion is not None
    assert confusion.counts.sum() == 4 * 64 * 96
    assert evaluation.scores["mean"].confusion is None


def test_a_graph_without_a_segmenter_has_no_miou(pair_folder: Path, engine: TorchEngine) -> None:
    evaluation = finished(PairFolder(pair_folder, ["00"]), [network(engine, "small", False)])
    assert np.isnan(evaluation.scores["small"].means()["mIoU"])


def test_the_segmenter_labels_trivial_outputs_like_the_graph_labels_its_own(
    pair_folder: Path, engine: TorchEngine, segmenter: Segmenter
) -> None:
    pair = PairFolder(pair_folder)[0]
    fused, labels = network(engine, "small", True).fuse(pair)
    assert labels is not None
    # The graph segments before it rounds to bytes, so a few pixels may differ.
    assert np.mean(segment_with(segmenter, fused) == labels) > 0.9
    evaluation = finished(PairFolder(pair_folder, ["00"]), trivial(partial(segment_with, segmenter))[2:])
    assert all(0 <= scores.means()["mIoU"] <= 1 for scores in evaluation.scores.values())


def test_labels_beyond_the_classes_are_refused_by_name(
    pair_folder: Path, engine: TorchEngine, tmp_path: Path
) -> None:
    for name in ("vi", "ir"):
        (tmp_path / name).symlink_to(pair_folder / name)
    (tmp_path / "labels").mkdir()
    for index in range(4):
        cv2.imwrite(str(tmp_path / "labels" / f"{index:02d}.png"), np.full((64, 96), 77, np.uint8))
    with pytest.raises(DataError, match=f"00: label id 77; expected ids below {len(CLASSES)}"):
        finished(PairFolder(tmp_path), [network(engine, "small", True)])


def test_two_outputs_of_one_name_are_refused(pair_folder: Path) -> None:
    with pytest.raises(DataError, match="two outputs are called mean; tell them apart with NAME=PATH"):
        Evaluation(PairFolder(pair_folder), [*trivial(None), *trivial(None)[2:]])


def test_pictures_too_small_to_measure_are_refused_by_name(tmp_path: Path) -> None:
    for name in ("vi", "ir"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "tiny.png"), np.zeros((16, 16), np.uint8))
    with pytest.raises(DataError, match=r"tiny: mean can't be measured: .* 41x41"):
        finished(PairFolder(tmp_path), trivial(None)[2:3])


@pytest.fixture
def others(pair_folder: Path, tmp_path: Path) -> Path:
    """The mean of each pair, saved as other people save their results: JPEG and PNG, one of them gray."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    pairs = PairFolder(pair_folder)
    for index, suffix in enumerate((".png", ".jpg", ".bmp", ".webp")):
        gray = cv2.addWeighted(pairs[index].infrared, 0.5, pairs[index].visible[..., 1], 0.5, 0)
        picture = gray if index == 0 else cv2.merge([gray, gray, gray])
        cv2.imwrite(str(folder / f"{pairs.names[index]}{suffix}"), picture)
    return folder


def test_other_peoples_pictures_are_matched_by_stem_in_any_format(pair_folder: Path, others: Path) -> None:
    folder = PairFolder(pair_folder)
    output = saved(others, "theirs", folder, None)
    evaluation = finished(folder, [output])
    assert output.role is Role.OTHER
    assert list(evaluation.scores["theirs"].rows) == folder.names


def test_missing_pictures_are_told_with_the_first_name_and_their_number(pair_folder: Path, others: Path) -> None:
    (others / "01.jpg").unlink()
    (others / "03.webp").unlink()
    with pytest.raises(DataError, match=r"theirs: no picture named 01 \(2 of 4 pairs have none\)"):
        saved(others, "theirs", PairFolder(pair_folder), None)
    saved(others, "theirs", PairFolder(pair_folder, ["00", "02"]), None)


def test_a_picture_of_another_size_is_refused_by_its_file(pair_folder: Path, others: Path) -> None:
    cv2.imwrite(str(others / "02.bmp"), np.zeros((32, 48, 3), np.uint8))
    with pytest.raises(DataError, match=r"theirs/02\.bmp: 48x32, but its pair is 96x64"):
        saved(others, "theirs", PairFolder(pair_folder), None)


def test_a_file_that_is_no_picture_is_refused_by_its_name(pair_folder: Path, others: Path) -> None:
    (others / "02.bmp").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"theirs/02\.bmp: can't be decoded"):
        saved(others, "theirs", PairFolder(pair_folder), None)


def test_two_pictures_of_one_pair_are_refused(pair_folder: Path, others: Path) -> None:
    (others / "00.jpg").write_bytes((others / "00.png").read_bytes())
    with pytest.raises(DataError, match=r"00\.png: 00\.jpg is there too; expected one picture per pair"):
        saved(others, "theirs", PairFolder(pair_folder), None)


def test_a_missing_folder_is_refused(pair_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder"):
        saved(tmp_path / "nowhere", "theirs", PairFolder(pair_folder), None)
