"""Pairs are taken by themselves when the board is still and shows something new."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from calibration.commands.capture import capture
from calibration.coverage import Coverage, is_still
from irvis.errors import ConfigError, DataError


def test_a_board_has_to_keep_still() -> None:
    board = np.random.default_rng(0).uniform(0, 300, (20, 2))
    assert not is_still(None, board, 640)
    assert is_still(board, board + 0.5, 640)
    assert not is_still(board, board + 5, 640)


def test_a_view_is_new_where_the_board_has_not_been() -> None:
    cover = Coverage((640, 480))
    board = np.random.default_rng(0).uniform(0, 100, (20, 2))
    assert cover.is_new(board)
    cover.keep(board)
    assert not cover.is_new(board + 3)
    assert cover.is_new(board + 200)
    assert 0 < cover.share < 0.5


def test_folders_of_a_moving_board_become_pairs(board_pairs: Callable[..., Any], tmp_path: Path) -> None:
    made = board_pairs("circles", (320, 240), views=4)
    for folder in ("ir", "vi"):  # each picture twice: the board keeps still
        for file in sorted((made.folder / folder).iterdir()):
            picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            assert picture is not None
            cv2.imwrite(str(file.with_name(f"{file.stem}b.png")), picture)
    config = tmp_path / "system.yaml"
    sources = {
        camera: {"kind": "folder", "path": str(made.folder / folder)}
        for camera, folder in (("visible", "vi"), ("infrared", "ir"))
    }
    config.write_text(yaml.safe_dump(sources))
    out = tmp_path / "taken"
    capture(config, target="circles", size="7x5", out=out, wanted=3, headless=True)
    taken = sorted(path.name for path in (out / "ir").iterdir())
    assert len(taken) >= 3
    assert taken == sorted(path.name for path in (out / "vi").iterdir())
    with pytest.raises(DataError, match="has pairs already"):
        capture(config, target="circles", size="7x5", out=out, headless=True)


def test_the_synthetic_street_is_refused_as_it_shows_no_board(tmp_path: Path) -> None:
    config = tmp_path / "system.yaml"
    config.write_text(yaml.safe_dump({camera: {"kind": "synthetic"} for camera in ("visible", "infrared")}))
    with pytest.raises(
        ConfigError, match="visible: a synthetic source, which shows no board; expected `kind: camera`"
    ):
        capture(config, target="circles", size="7x5", out=tmp_path / "taken", headless=True)
