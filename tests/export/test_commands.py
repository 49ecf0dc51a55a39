"""`irvis export` and `irvis inspect` as a user calls them."""

from pathlib import Path

import pytest

from export.commands import export
from irvis.engine import Artifact, read_artifact
from irvis.engine.inspection import inspect
from irvis.errors import ConfigError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": "onnx", "precision": "int8"}, "--precision int8: onnx artifacts are fp32, fp16"),
        ({"to": "openvino", "size": "640x480"}, "--size: openvino artifacts take every size"),
        ({"to": "openvino", "device": "sm89"}, "--device sm89: openvino artifacts run on every processor"),
        ({"to": "tensorrt-rtx", "dynamic": "320x240"}, "expected SMALLEST:LARGEST"),
        ({"to": "tensorrt-rtx", "dynamic": "800x600:1920x1080"}, "--size 640x480 is not between the two"),
        ({"to": "tensorrt-rtx", "batch": "8:1"}, "expected a number or LEAST:MOST"),
        ({"to": "onnx"}, "is an fp32 ONNX artifact already"),
        ({"to": "openvino", "version_compatible": True}, "--version-compatible: openvino artifacts depend on no"),
        ({"to": "torch-tensorrt"}, "torch-tensorrt takes the network's checkpoint"),
        ({"to": "torch-tensorrt", "dynamic": "320x240:640x480"}, "compiles for one size and batch"),
        ({"to": "torch-tensorrt", "device": "sm89"}, "compiles for the GPU at hand only"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        export("cmdfc-nano", out=tmp_path, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_compiled_artifact_carries_parity_and_what_it_was_compiled_for(
    exported: Artifact, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorrt_rtx", reason="needs the tensorrt-rtx extra")
    export(
        str(exported.path),
        to="tensorrt-rtx",
        precision="fp32",
        device="sm86,sm120",
        size="320x240",
        dynamic="160x120:640x480",
        batch="1:4",
        pairs=pairs,
        out=tmp_path,
    )
    manifest = read_artifact(tmp_path / "small-tensorrt-rtx-fp32.engine").manifest
    assert manifest.target is not None
    assert manifest.parity is not None
    assert manifest.target.devices == ["sm86", "sm120"]
    assert (manifest.target.smallest, manifest.target.largest) == ((160, 120), (640, 480))
    assert manifest.target.batch == (1, 4)
    assert manifest.parent_sha256 == exported.manifest.artifact_sha256
    assert "compiled for" in capsys.readouterr().out


def test_openvino_artifact_is_two_files_under_one_manifest(pairs: Path, tmp_path: Path) -> None:
    # A trained network, held to its gate: an untrained one's labels flip with a level of the picture, see `check`.
    export("cmdfc-nano", to="openvino", pairs=pairs, out=tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"cmdfc-nano-openvino-fp32{suffix}" for suffix in (".bin", ".json", ".xml")]
    assert read_artifact(tmp_path / "cmdfc-nano-openvino-fp32.xml").manifest.kind == "openvino"


def test_inspect_shows_ports_layers_work_and_whether_it_loads(
    exported: Artifact, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inspect(str(exported.path), size="320x240") == 0
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("input visible", "Convolution", "GFLOP", "loads here", "small@"))
