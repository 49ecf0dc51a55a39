from pathlib import Path

import pytest

from cmdfc import report
from cmdfc.data.pairs import PairFolder
from cmdfc.engine import TorchEngine
from cmdfc.evaluate import evaluate
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation
from cmdfc.segmentation import CLASSES, Segmenter, SegmenterConfig


@pytest.fixture(scope="module")
def engine() -> TorchEngine:
    fusion = FusionNet(FusionConfig(stem=4, encoder=(4,), decoder=(8,)))
    return TorchEngine(FusionSegmentation(fusion, Segmenter(SegmenterConfig())), "small")


def test_every_output_is_scored_on_every_pair(pair_folder: Path, engine: TorchEngine, tmp_path: Path) -> None:
    *_, (_, scores) = evaluate(PairFolder(pair_folder), engine)
    assert list(scores) == ["small", "copy visible", "copy infrared", "mean", "pixel max"]
    assert all(list(score.rows) == ["00", "01", "02", "03"] for score in scores.values())
    assert scores["copy visible"].means()["VIF_vis"] == pytest.approx(1, abs=1e-3)
    confusion = scores["small"].confusion
    assert confusion is not None
    assert confusion.counts.sum() == 4 * 64 * 96
    report.write(tmp_path, scores, CLASSES, "a heading")
    assert (tmp_path / "pairs.csv").read_text().count("\n") == 21
    text = (tmp_path / "report.md").read_text()
    assert "| pixel max |" in text
    assert "| copy visible |" in text
