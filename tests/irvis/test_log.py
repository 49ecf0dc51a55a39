"""Log lines for people and for machines."""

import json
import logging
from collections.abc import Iterator

import pytest

from irvis import log


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def test_lines_are_json_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IRVIS_LOG_FORMAT", "json")
    log.setup("INFO")
    try:
        raise ValueError("inside")
    except ValueError:
        logging.getLogger("irvis.test").exception('it broke: "%s"', "ä")
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["logger"], line["message"]) == ("ERROR", "irvis.test", 'it broke: "ä"')
    assert "ValueError: inside" in line["exception"]


def test_lines_are_for_people_otherwise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("IRVIS_LOG_FORMAT", raising=False)
    log.setup("INFO")
    logging.getLogger("irvis.test").info("all is well")
    assert capsys.readouterr().err.endswith(" I irvis.test: all is well\n")
