"""What engines keep is written whole, by however many threads, and nothing fails where it can't be."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from irvis.engine import read_artifact
from irvis.engine.kept import keep, kept
from irvis.engine.manifest import write_artifact
from irvis.errors import EngineError


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "engines" / "card.kernels"
    assert kept(path) == b""
    keep(path, b"kernels")
    assert kept(path) == b"kernels"
    assert list(path.parent.iterdir()) == [path]


def test_threads_that_keep_the_same_file_leave_one_of_them_whole(tmp_path: Path) -> None:
    path = tmp_path / "card.kernels"
    versions = [bytes([place]) * 100_000 for place in range(16)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda data: keep(path, data), versions))
    assert kept(path) in versions
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_to_is_told_and_nothing_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        keep(tmp_path / "file" / "card.kernels", b"kernels")
    assert "can't be kept" in caplog.text


def test_an_artifact_that_cannot_be_written_is_refused_in_words(artifact: Path) -> None:
    whole = read_artifact(artifact)
    with pytest.raises(EngineError, match=r"can't be written \(.*\): expected a folder of yours with space left"):
        write_artifact(whole._replace(path=artifact / "inside.onnx"))
