from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from cmdfc import checkpoint
from cmdfc.fusion import FusionConfig, FusionNet
from irvis.cli import main


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained fusion network where `irvis train` would leave it."""
    path = tmp_path_factory.mktemp("runs") / "small" / "checkpoint.pt"
    config = FusionConfig(stem=4, encoder=(4,), decoder=(8,))
    weights = FusionNet(config).state_dict()
    checkpoint.save(path, {"kind": "fusion", "network": asdict(config), "weights": weights})
    return path


def exit_code(*arguments: object) -> object:
    with pytest.raises(SystemExit) as exited:
        main(["evaluate", *map(str, arguments)])
    return exited.value.code


def test_subjects_and_others_are_compared_and_reported(
    pair_folder: Path, subject: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for stem in ("01", "02"):
        cv2.imwrite(str(theirs / f"{stem}.jpg"), np.full((64, 96, 3), 90, np.uint8))
    names = tmp_path / "names.txt"
    names.write_text("01\n02\n")
    out = tmp_path / "report"
    given = (subject, f"no CBAM={subject}", "--data", pair_folder, "--list", names, "--against", theirs)
    assert exit_code(*given, "--out", out, "--pictures", 1, "--jobs", 1) == 0
    printed = capsys.readouterr().out
    assert "Means over 2 pairs" in printed
    assert "Differences from small" in printed
    assert all(name in printed for name in ("no CBAM", "theirs", "pixel max"))
    assert {path.name for path in out.iterdir()} == {
        "index.html",
        "means.csv",
        "pairs.csv",
        "pictures",
        "report.md",
    }


def test_one_subject_twice_needs_names(
    pair_folder: Path, subject: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(subject, subject, "--data", pair_folder) == 2
    assert "two outputs are called small; tell them apart with NAME=PATH" in capsys.readouterr().err


def test_segmenters_are_one_for_all_or_one_for_each(
    pair_folder: Path, subject: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(subject, "--data", pair_folder, "--segmenter", "a.pt", "b.pt") == 2
    assert "2 segmenters for 1 fusion checkpoints" in capsys.readouterr().err


def test_a_bad_folder_of_others_stops_before_the_first_pair(
    pair_folder: Path, subject: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(subject, "--data", pair_folder, "--against", tmp_path, "--out", tmp_path / "report") == 2
    assert "no picture named 00 (4 of 4 pairs have none)" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()
