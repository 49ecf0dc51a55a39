"""`irvis config` knows every key that a configuration may have."""

from pathlib import Path

from irvis.keys import keys_of, page
from irvis.settings import PipelineConfig


def test_every_section_is_listed() -> None:
    listed = {key.name.partition(".")[0] for key in keys_of(PipelineConfig)}
    assert listed == set(PipelineConfig.model_fields)


def test_every_key_says_its_type_and_its_meaning() -> None:
    for key in keys_of(PipelineConfig):
        assert key.type, key.name
        assert key.meaning, key.name


def test_keys_of_kinds_are_told_apart() -> None:
    kinds = {key.kind for key in keys_of(PipelineConfig) if key.name == "visible.path"}
    assert kinds == {"file", "folder", "replay"}


def test_bounds_and_defaults_are_shown() -> None:
    key = next(key for key in keys_of(PipelineConfig) if key.name == "sync.slop_ms")
    assert (key.type, key.default) == ("float > 0", "20.0")


def test_the_reference_in_docs_is_that_of_the_models() -> None:
    written = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert written == page(), "write it again: irvis config --markdown > docs/configuration.md"
