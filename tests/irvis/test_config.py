"""Configuration: errors name the file, the line, the key and what was expected."""

from pathlib import Path

import pytest

from irvis.config import load
from irvis.errors import ConfigError
from irvis.settings import PipelineConfig, SyntheticSource, VideoSink

GOOD = """\
visible:
  kind: synthetic
  fps: 25
infrared:
  kind: folder
  path: images/ir
sync:
  slop_ms: 12
sinks:
  - kind: window
  - kind: video
    path: out.mp4
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "system.yaml"
    path.write_text(GOOD)
    return path


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_file_fills_the_sections(path: Path) -> None:
    config = load(PipelineConfig, path)
    assert isinstance(config.visible, SyntheticSource)
    assert config.sync.slop_ms == 12
    assert isinstance(config.sinks[1], VideoSink)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("slop_ms: 12", "slop_s: 12", r"system\.yaml:8: sync\.slop_s: unknown key; `irvis config` lists"),
        ("slop_ms: 12", "slop_ms: -1", r"system\.yaml:8: sync\.slop_ms: Input should be greater than 0, got -1"),
        ("slop_ms: 12", "slop_ms: [1]", r"system\.yaml:8: sync\.slop_ms: .*valid number, got \[1\]"),
        ("  fps: 25", "  fpz: 25", r"system\.yaml:3: visible\.fpz: unknown key"),
        ("kind: folder", "kind: tape", r"system\.yaml:[45]: infrared.*'tape'"),
        ("    path: out.mp4", "    crf: 20", r"system\.yaml:11: sinks\.1\.path: Field required"),
        ("sync:", "sinc:", r"system\.yaml:7: sinc: unknown key"),
    ],
)
def test_wrong_key_is_told_with_its_place(path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(PipelineConfig, edit(path, old, new))


def test_every_wrong_key_is_told_at_once(path: Path) -> None:
    edit(edit(path, "slop_ms: 12", "slop_s: 12"), "  fps: 25", "  fpz: 25")
    with pytest.raises(ConfigError, match=r"(?s)visible\.fpz.*sync\.slop_s"):
        load(PipelineConfig, path)


def test_missing_section_is_told(path: Path) -> None:
    path.write_text("visible: {kind: synthetic}\n")
    with pytest.raises(ConfigError, match="infrared: Field required"):
        load(PipelineConfig, path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("visible: [", "not YAML"),
        ("- 1", "expected a mapping of sections, got list"),
        ("", "expected a mapping of sections, got NoneType"),
        ("\xff", "can't be read"),
    ],
)
def test_file_that_is_no_mapping_is_refused(path: Path, text: str, message: str) -> None:
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=message):
        load(PipelineConfig, path)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: can't be read .*; expected a YAML configuration"):
        load(PipelineConfig, tmp_path / "none.yaml")


def test_set_overrides_a_key_of_the_file(path: Path) -> None:
    assert load(PipelineConfig, path, ["sync.slop_ms=8"]).sync.slop_ms == 8


def test_set_reaches_keys_that_the_file_does_not_have(path: Path) -> None:
    assert load(PipelineConfig, path, ["supervision.max_restarts=0"]).supervision.max_restarts == 0


def test_set_reaches_into_lists(path: Path) -> None:
    sink = load(PipelineConfig, path, ["sinks.1.path=other.mp4"]).sinks[1]
    assert isinstance(sink, VideoSink)
    assert sink.path == Path("other.mp4")


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("sync.slop_s=1", r"--set sync\.slop_s: unknown key"),
        ("sync.slop_ms=fast", r"--set sync\.slop_ms: .*valid number.*, got 'fast'"),
        ("sync.slop_ms", "expected key=value, for example"),
        ("=1", "expected key=value, for example"),
        ("sinks.7.path=a", "there is no 7 to go through"),
        ("sync.slop_ms.x=1", "there is no"),
        ("sync.slop_ms=[", "the value is not YAML"),
    ],
)
def test_wrong_set_is_told_as_one(path: Path, item: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(PipelineConfig, path, [item])
