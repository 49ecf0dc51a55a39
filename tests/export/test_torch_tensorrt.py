"""Torch-TensorRT: refused in words without a GPU; compiled, saved, loaded and compared on one."""

import io
import logging
from pathlib import Path

import numpy as np
import pytest
import torch

from cmdfc.engine import TorchEngine
from cmdfc.model import FusionSegmentation
from cmdfc.program import read_program
from export import artifact, torch_tensorrt
from export.artifact import Check
from irvis.engine import Artifact, open_engine
from irvis.engine.manifest import Manifest, Target, sha256_of, write_artifact
from irvis.engine.shapes import Shapes
from irvis.engine.tensorrt_plan import BuildPlan
from irvis.errors import EngineError, EngineUnavailable
from irvis.settings import EngineSettings

SIZE = (160, 128)
CASES = 100
PLAN = BuildPlan("torch_tensorrt", "fp16", (), Shapes.only(SIZE))
no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


def saved(folder: Path, **changes: object) -> Artifact:
    """An artifact as the compiler writes it, but for the program: PyTorch's own, of no network."""
    data = b"no program"
    target = Target(
        library="torch_tensorrt", version="2.13.0", devices=["sm89"], smallest=SIZE, usual=SIZE, largest=SIZE
    )
    manifest = Manifest(
        name="small-torch-tensorrt-fp16",
        kind="torch_tensorrt",
        network="none",
        artifact_sha256=sha256_of(data),
        weights_sha256="0" * 64,
        classes=["background"],
        size_multiple=8,
        precision="fp16",
        opset=0,
        target=target,
    )
    made = Artifact(folder / "small.pt2", manifest.model_copy(update=changes), data)
    write_artifact(made)
    return made


def load(made: Artifact, size: tuple[int, int] = SIZE, **settings: object) -> None:
    open_engine(EngineSettings.model_validate({"artifact": str(made.path), **settings}), size)


@no_gpu
def test_compiling_without_a_gpu_names_the_line_that_installs_it(
    model: FusionSegmentation, tmp_path: Path
) -> None:
    with pytest.raises(EngineUnavailable, match=r"sees none: pip install 'irvis\[torch-tensorrt\]' on a machine"):
        torch_tensorrt.compile_network(model, "small", PLAN, tmp_path)


@no_gpu
def test_auto_gives_a_program_to_torch_which_asks_for_a_gpu(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no engine can run it here; torch: .* sees none: pip install"):
        load(saved(tmp_path))


def test_program_for_another_size_is_refused_with_the_command_that_rebuilds_it(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"run `irvis export CHECKPOINT --to torch-tensorrt .* --size 320x240`"):
        load(saved(tmp_path), (320, 240), kind="torch")


@no_gpu
def test_program_for_a_batch_is_opened_for_that_batch_alone(tmp_path: Path) -> None:
    target = saved(tmp_path).manifest.target
    assert target is not None
    made = saved(tmp_path, target=target.model_copy(update={"batch": (8, 8)}))
    with pytest.raises(EngineError, match="built for 8 pictures of 160x128, these are 1 of 160x128; run"):
        load(made, kind="torch")
    with pytest.raises(EngineUnavailable, match="sees none"):
        open_engine(EngineSettings(artifact=str(made.path), kind="torch"), SIZE, 8)


def test_program_in_another_precision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="computes in fp16, bf16 was asked for"):
        load(saved(tmp_path), kind="torch", precision="bf16")


def test_damaged_program_is_refused(tmp_path: Path) -> None:
    made = saved(tmp_path)
    made.path.write_bytes(made.data[:-1])
    with pytest.raises(EngineError, match="the file is damaged or of another export"):
        load(made, kind="torch")


def test_program_of_another_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="names no TensorRT library"):
        load(saved(tmp_path, target=None), kind="torch")


def test_damaged_programs_under_a_manifest_that_agrees_are_refused(
    model: FusionSegmentation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is still a program after a bit of it has flipped, a weight for example, is none of this test's."""
    caplog.set_level(logging.CRITICAL)
    example = torch.empty(1, 3, 4, 4)
    stored = io.BytesIO()
    torch.export.save(torch.export.export(torch.nn.Conv2d(3, 3, 1), (example,)), stored)
    made, whole = saved(tmp_path), stored.getvalue()
    rng, refused = np.random.default_rng(0), 0
    for case in range(CASES):
        cut = bytearray(whole[: rng.integers(len(whole))] if case % 2 else whole)
        cut[rng.integers(len(cut))] ^= 1 << int(rng.integers(8))
        try:
            read_program(made._replace(data=bytes(cut)))
        except EngineError:
            refused += 1
    assert refused >= CASES / 2


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("precision", ["fp16", "fp32"])
def test_compiled_program_agrees_with_the_network(
    model: FusionSegmentation, check: Check, tmp_path: Path, precision: str
) -> None:
    pytest.importorskip("torch_tensorrt", reason="needs the torch-tensorrt extra")
    plan = BuildPlan("torch_tensorrt", "fp16" if precision == "fp16" else "fp32", (), Shapes.only(SIZE))
    made = torch_tensorrt.compile_network(model, "small", plan, tmp_path)
    written = artifact.write(made, "fp16" if precision == "fp16" else "fp32", check)
    assert written.manifest.parity is not None
    assert written.manifest.parity.psnr_db > 45
    visible, infrared = check.pairs[0].visible, check.pairs[0].infrared
    fused, _ = open_engine(EngineSettings(artifact=str(written.path)), SIZE).fuse(visible, infrared)
    wanted, _ = TorchEngine(model, "small").fuse(visible, infrared)
    assert np.mean((fused.astype(float) - wanted) ** 2) < 255**2 / 10**4.5
