"""What holds for every file of the project."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("irvis", "cmdfc", "pipeline", "export", "calibration", "benchmarks", "examples", "tests")
MAX_LINES = 300
TRANSPORT = ROOT / "pipeline" / "transport"
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_only_the_transport_knows_zmq() -> None:
    product = (path for path in FILES if not path.is_relative_to(ROOT / "tests"))
    knowing = [path for path in product if any(name.partition(".")[0] == "zmq" for name in imports(path))]
    assert knowing
    assert all(path.is_relative_to(TRANSPORT) for path in knowing), knowing


def test_median_file_is_about_a_hundred_lines() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in FILES)
    assert lengths[len(lengths) // 2] < 150
