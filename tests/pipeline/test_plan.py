"""What a configuration names is looked at before a process is started for it."""

import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

from irvis.config import load
from irvis.errors import ConfigError, EngineError, IrvisError, RigError
from irvis.settings import PipelineConfig
from pipeline.plan import check, private
from pipeline.supervision.nodes import nodes_of

SYNTHETIC = {"kind": "synthetic"}


def config(**changes: Any) -> PipelineConfig:
    sections = {"visible": SYNTHETIC, "infrared": SYNTHETIC, "engine": {"kind": "average"}, **changes}
    return PipelineConfig.model_validate(sections)


def test_nodes_are_those_of_the_sinks() -> None:
    sinks = [{"kind": "window"}, {"kind": "video", "path": "out.mp4"}]
    assert nodes_of(config(sinks=sinks)) == ["capture", "fuse", "window", "record"]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"visible": {"kind": "file", "path": "none.mp4"}},
            ConfigError,
            r"visible\.path: none\.mp4: no such file",
        ),
        ({"infrared": {"kind": "folder", "path": "none"}}, ConfigError, r"infrared\.path: none: no such folder"),
        (
            {"infrared": {"kind": "file", "path": "/"}},
            ConfigError,
            "no such file; set infrared.kind to what it is",
        ),
        ({"rig": "none.yaml"}, RigError, r"none\.yaml: can't be read"),
        ({"engine": {"artifact": "none"}}, ConfigError, "artifact none: no such file"),
        ({"sinks": [{"kind": "window"}, {"kind": "window"}]}, ConfigError, "expected one of each kind at most"),
    ],
)
def test_what_is_missing_is_told(changes: dict[str, Any], error: type[IrvisError], message: str) -> None:
    with pytest.raises(error, match=message):
        check(config(**changes))


def test_artifact_without_manifest_is_told(tmp_path: Path) -> None:
    artifact = tmp_path / "net.onnx"
    artifact.write_bytes(b"graph")
    with pytest.raises(EngineError, match=r"net\.onnx: can't be read"):
        check(config(engine={"artifact": str(artifact)}))


def test_recording_over_a_source_is_refused(tmp_path: Path) -> None:
    video = tmp_path / "in.mp4"
    video.write_bytes(b"")
    same = tmp_path / "folder" / ".." / "in.mp4"
    sections = {"visible": {"kind": "file", "path": str(video)}, "sinks": [{"kind": "video", "path": str(same)}]}
    with pytest.raises(ConfigError, match="is a source of this system; choose another file"):
        check(config(**sections))


def test_folder_of_a_run_is_private_and_goes_with_it() -> None:
    with private(config()) as (_, path):
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


def test_endpoints_that_nobody_chose_are_in_the_folder_of_the_run() -> None:
    chosen = "tcp://127.0.0.1:5599"
    with private(config(endpoints={"fused": chosen})) as (resolved, path):
        assert resolved.endpoints.visible == f"ipc://{path.parent}/visible"
        assert resolved.endpoints.fused == chosen


def test_nodes_read_the_very_configuration() -> None:
    with private(config(sync={"slop_ms": 8})) as (resolved, path):
        assert load(PipelineConfig, path) == resolved


def test_folder_of_a_run_that_was_killed_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = tmp_path / "irvis-run-99999999-abc"
    dead.mkdir()
    with private(config()) as (_, path):
        assert list(tmp_path.iterdir()) == [path.parent]
