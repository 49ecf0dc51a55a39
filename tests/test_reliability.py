"""docs/reliability.md names tests that are there, and one for each of its ten pains."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_test_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)*test_\w+\.py)(?:::(test_\w+))?`", page)
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not any(path.match(file) and (not name or f"def {name}(" in text) for path, text in texts.items())
    ]
    assert len(named) > 15
    assert missing == []


def test_each_of_the_ten_pains_has_a_test() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    rows = page.partition("| pain | test |")[2].splitlines()[2:]
    assert len(rows) == 10
    assert all(re.search(r"`(\w+/)*test_", row) for row in rows)
