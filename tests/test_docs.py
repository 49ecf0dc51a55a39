"""The documentation's links lead somewhere, and its commands exist."""

import re
from pathlib import Path

import pytest

from irvis.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist_and_so_do_the_configurations_that_they_name(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = re.findall(r"^\$ irvis (\S+)|`irvis ([a-z-]+)", text, re.MULTILINE)
    assert {first or second for first, second in commands} <= set(COMMANDS)
    configs = set(re.findall(r"configs/\w+/\w+\.yaml", text))
    assert all((ROOT / config).is_file() for config in configs), configs
