"""TensorRT for RTX without a GPU: it compiles what ships for three generations, and what is wrong is refused."""

from pathlib import Path

import pytest

from irvis.engine import Artifact, open_engine, read_artifact
from irvis.engine.artifact import open_artifact, shipped
from irvis.engine.cache import rebuilt
from irvis.engine.inspection import inspect
from irvis.engine.manifest import Target, sha256_of, write_artifact
from irvis.engine.shapes import Shapes
from irvis.engine.tensorrt_build import build
from irvis.engine.tensorrt_checks import check_device, check_frames, check_version
from irvis.engine.tensorrt_plan import BuildPlan
from irvis.errors import EngineError, EngineUnavailable
from irvis.settings import EngineSettings

pytest.importorskip("tensorrt_rtx", reason="needs the tensorrt-rtx extra")
GENERATIONS = ("sm86", "sm89", "sm120")


def load(path: Path, size: tuple[int, int] = (32, 24), **settings: object) -> None:
    open_engine(EngineSettings.model_validate({"artifact": str(path), "kind": "tensorrt", **settings}), size)


def target(artifact: Artifact) -> Target:
    assert artifact.manifest.target is not None
    return artifact.manifest.target


@pytest.fixture
def engine(artifact: Path, tmp_path: Path) -> Artifact:
    """A small compiled artifact for frames of 32x24."""
    plan = BuildPlan("tensorrt_rtx", "fp32", ("sm89",), Shapes.only((32, 24)))
    made = build(read_artifact(artifact), plan)._replace(path=tmp_path / "mean.engine")
    write_artifact(made)
    return made


@pytest.fixture(scope="module", params=[(n, p) for n in shipped() for p in ("fp16", "fp32")], ids="-".join)
def compiled(request: pytest.FixtureRequest) -> Artifact:
    """What ships, compiled for three generations and for sizes up to full HD."""
    name, precision = request.param
    shapes = Shapes(smallest=(640, 480), usual=(640, 480), largest=(1920, 1080))
    return build(open_artifact(name), BuildPlan("tensorrt_rtx", precision, GENERATIONS, shapes))


def test_an_artifact_in_fp16_is_not_compiled_in_fp32(artifact: Path) -> None:
    narrow = read_artifact(artifact)
    narrow = narrow._replace(manifest=narrow.manifest.model_copy(update={"precision": "fp16"}))
    with pytest.raises(EngineError, match="computes in fp16, fp32 was asked for; expected the fp32 artifact"):
        build(narrow, BuildPlan("tensorrt_rtx", "fp32", ("sm89",)))


def test_what_ships_compiles_for_three_generations(compiled: Artifact) -> None:
    assert target(compiled).devices == list(GENERATIONS)
    assert compiled.data


def test_the_inspected_engine_computes_in_the_precision_that_was_asked_for(compiled: Artifact) -> None:
    layers = target(compiled).engine_layers
    assert layers is not None
    assert sum(layers.values()) > 30
    if compiled.manifest.precision == "fp16":
        assert layers["HALF"] > layers["FLOAT"]
    else:
        assert not layers.keys() & {"HALF", "BF16"}


def test_what_a_frame_costs_is_in_the_manifest(compiled: Artifact) -> None:
    assert (target(compiled).gflop or 0) > 1


def test_a_compiled_artifact_tells_its_layers_to_inspect(
    engine: Artifact, capsys: pytest.CaptureFixture[str]
) -> None:
    inspect(str(engine.path), size="32x24")
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("sm89", "input visible", "uint8 [N, H, W, 3]", "engine ", "GFLOP"))


def test_compiling_says_which_gpus_it_knows(artifact: Path) -> None:
    with pytest.raises(EngineError, match=r"device sm70: tensorrt_rtx compiles for .*sm89"):
        build(read_artifact(artifact), BuildPlan("tensorrt_rtx", "fp32", ("sm70",)))


def test_library_that_is_missing_names_its_extra(artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tensorrt", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'irvis\[tensorrt\]'"):
        build(read_artifact(artifact), BuildPlan("tensorrt", "fp32"))


def test_engine_of_another_version_is_refused_with_the_command_that_rebuilds_it(engine: Artifact) -> None:
    old = target(engine).model_copy(update={"version": "1.0"})
    write_artifact(engine._replace(manifest=engine.manifest.model_copy(update={"target": old})))
    with pytest.raises(EngineError, match=r"built by tensorrt_rtx 1\.0, .* `irvis export mean --to tensorrt-rtx"):
        load(engine.path)


def test_version_compatible_engine_runs_on_later_versions_only(engine: Artifact) -> None:
    old = target(engine).model_copy(update={"version": "11.0.0.9", "version_compatible": True})
    lasting = engine._replace(manifest=engine.manifest.model_copy(update={"target": old}))
    check_version(lasting, "11.0.0.10")
    with pytest.raises(EngineError, match=r"built by tensorrt_rtx 11\.0\.0\.9, 10\.14 is installed"):
        check_version(lasting, "10.14")


def test_tensorrt_for_rtx_has_no_version_compatible_engines(artifact: Path) -> None:
    plan = BuildPlan("tensorrt_rtx", "fp32", ("sm89",), version_compatible=True)
    with pytest.raises(
        EngineError, match="runs on the version that built it alone; leave --version-compatible out"
    ):
        build(read_artifact(artifact), plan)


def test_engine_of_another_size_is_refused_with_the_command_that_rebuilds_it(engine: Artifact) -> None:
    with pytest.raises(EngineError, match=r"these are 1 of 64x48; run `irvis export mean .* --size 64x48`"):
        load(engine.path, (64, 48))


def test_engine_for_another_gpu_is_refused_with_the_command_that_rebuilds_it(engine: Artifact) -> None:
    with pytest.raises(EngineError, match=r"built for sm89, this GPU is sm90; run `irvis export"):
        check_device(engine, "sm90")


def test_engine_of_another_batch_is_refused_with_the_command_that_rebuilds_it(engine: Artifact) -> None:
    with pytest.raises(EngineError, match=r"these are 4 of 32x24; run `irvis export mean .* --batch 4`"):
        check_frames(engine, (32, 24), 4)


@pytest.mark.parametrize("data", [b"", b"short", b"garbage" * 1000], ids=["empty", "short", "text"])
def test_bytes_of_something_else_are_refused(engine: Artifact, data: bytes) -> None:
    manifest = engine.manifest.model_copy(update={"artifact_sha256": sha256_of(data)})
    write_artifact(engine._replace(data=data, manifest=manifest))
    with pytest.raises(EngineError, match=r"no engine|not an engine of tensorrt_rtx"):
        load(engine.path)


def test_onnx_artifact_is_not_compiled_unless_that_is_allowed(artifact: Path) -> None:
    with pytest.raises(EngineError, match=r"engine\.rebuild=true"):
        load(artifact)


def test_rebuilding_keeps_what_it_made(artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    parent, plan = (
        read_artifact(artifact),
        BuildPlan("tensorrt_rtx", "fp32", ("sm89",), Shapes.only((32, 24))),
    )
    first = rebuilt(parent, plan, "sm89")
    written_ns = first.path.stat().st_mtime_ns
    assert rebuilt(parent, plan, "sm89").path.stat().st_mtime_ns == written_ns
    assert first.manifest.parent_sha256 == parent.manifest.artifact_sha256
    larger = BuildPlan(
        "tensorrt_rtx", "fp32", ("sm89",), Shapes(smallest=(32, 24), usual=(32, 24), largest=(64, 48))
    )
    assert rebuilt(parent, larger, "sm89").path != first.path


def test_damaged_entry_of_the_cache_is_compiled_again(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    parent, plan = (
        read_artifact(artifact),
        BuildPlan("tensorrt_rtx", "fp32", ("sm89",), Shapes.only((32, 24))),
    )
    path = rebuilt(parent, plan, "sm89").path
    path.write_bytes(b"damaged")
    assert read_artifact(rebuilt(parent, plan, "sm89").path).data != b"damaged"
