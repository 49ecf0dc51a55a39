"""The documentation's links lead somewhere, and its commands and keys exist."""

import re
import shlex
from pathlib import Path

import pytest
from cyclopts import App, MissingArgumentError

from irvis.cli import COMMANDS
from irvis.keys import keys_of
from irvis.settings import PipelineConfig

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pages
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@pages
def test_links_into_a_page_lead_to_a_heading(page: Path) -> None:
    for target, heading in re.findall(r"\]\(([^):#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        text = (page.parent / target if target else page).read_text(encoding="utf-8")
        headings = [re.sub(r"[^\w -]", "", line).strip().lower() for line in re.findall(r"^#+ (.+)$", text, re.M)]
        assert heading in [each.replace(" ", "-") for each in headings]


@pages
def test_tests_that_are_named_are_in_the_file_behind_them(page: Path) -> None:
    for name, target in re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        assert f"def {name}(" in (page.parent / target).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def irvis() -> App:
    app = App(name="irvis")
    for name, command in COMMANDS.items():
        app.command(command.function, name=name)
    return app


@pages
def test_commands_exist_with_their_options_and_all_that_they_need(page: Path, irvis: App) -> None:
    text = page.read_text(encoding="utf-8")
    for command in re.findall(r"^\$ irvis (.+)", text, re.MULTILINE) + re.findall(r"`irvis ([a-z][^`]*)`", text):
        words = [word for word in shlex.split(command, comments=True) if word != "..."]
        try:
            irvis.parse_args(words, exit_on_error=False, print_error=False)
        except MissingArgumentError:
            assert len(words) == 1 or "..." in command, f"irvis {command}: something is missing"


@pages
def test_configurations_and_keys_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert all((ROOT / config).is_file() for config in re.findall(r"configs/\w+/\w+\.yaml", text))
    known = [re.sub(r"\.\d+", ".N", key.name) for key in keys_of(PipelineConfig)]
    sections = "|".join({key.partition(".")[0] for key in known if "." in key})
    for named in re.findall(rf"(?:`|--set )((?:{sections})\.[\w.]+)(?=[`:=])", text):
        key = re.sub(r"\.\d+", ".N", named)
        assert any(f"{each}.".startswith(f"{key}.") for each in known), f"{named}: no such key"
