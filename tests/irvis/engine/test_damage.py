"""200 damaged, foreign and mis-versioned artifacts of each kind: refused with a message, and no crash.

Each kind is tried in a process of its own, so that a crash in native code is seen as what it is. One case in five
is damaged under a manifest that agrees with it: it may still be a graph, and then it must run.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from irvis.engine import Artifact, read_artifact
from irvis.engine.manifest import sha256_of, write_artifact

CASES = 200
TRIAL = """
import random, sys
from pathlib import Path
import numpy as np
from irvis.engine import open_engine, read_artifact
from irvis.engine.manifest import sha256_of, write_artifact
from irvis.errors import EngineError, EngineUnavailable
from irvis.settings import EngineSettings

whole, kinds = read_artifact(Path(sys.argv[1])), sys.argv[3].split(",")
place = Path(sys.argv[2]) / whole.path.name
random.seed(0)
done = 0
for case in range(int(sys.argv[4])):
    data, manifest = bytearray(whole.data), whole.manifest
    way = case % 5
    if way in (0, 4):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    elif way == 1:
        del data[random.randrange(len(data)):]
    elif way == 2:
        data = bytearray(random.randbytes(random.randrange(4096)))
    if way in (2, 4):
        manifest = manifest.model_copy(update={"artifact_sha256": sha256_of(bytes(data), whole.weights)})
    write_artifact(whole._replace(path=place, data=bytes(data), manifest=manifest))
    if way == 3:
        beside = place.with_suffix(".json")
        beside.write_text(beside.read_text().replace('"version": 1', f'"version": {random.randrange(2, 99)}', 1))
    kind = kinds[case % len(kinds)]
    try:
        engine = open_engine(EngineSettings(artifact=str(place), kind=kind, threads=1, streams=1), (32, 24))
        assert way == 4, (case, kind)
        engine.fuse(np.zeros((24, 32, 3), np.uint8), np.zeros((24, 32), np.uint8))
    except EngineUnavailable:
        assert way in (2, 4), (case, kind)
    except EngineError as exc:
        assert way == 4 or str(place.with_suffix("")) in str(exc), exc
    done += 1
print(done)
"""


def survived(artifact: Path, folder: Path, kinds: str, cases: int) -> int:
    """How many cases went as they must, in a process that lived through all of them."""
    folder.mkdir()
    arguments = [sys.executable, "-c", TRIAL, str(artifact), str(folder), kinds, str(cases)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1])


def test_damaged_onnx_artifacts_are_refused(artifact: Path, tmp_path: Path) -> None:
    assert survived(artifact, tmp_path / "trial", "onnx,openvino,tensorrt", CASES) == CASES


def test_damaged_openvino_artifacts_are_refused(
    write_artifact_as: Callable[[str], Artifact], tmp_path: Path
) -> None:
    assert survived(write_artifact_as("openvino").path, tmp_path / "trial", "openvino", CASES) == CASES


def test_damaged_tensorrt_artifacts_are_refused(
    write_artifact_as: Callable[[str], Artifact], tmp_path: Path
) -> None:
    pytest.importorskip("tensorrt_rtx", reason="needs the tensorrt-rtx extra")
    assert survived(write_artifact_as("tensorrt").path, tmp_path / "trial", "tensorrt", CASES) == CASES


def test_changed_weights_of_an_openvino_artifact_are_refused(write_artifact_as: Callable[[str], Artifact]) -> None:
    path = write_artifact_as("openvino").path
    path.with_suffix(".bin").write_bytes(b"\0" + path.with_suffix(".bin").read_bytes()[1:] + b"\0")
    with pytest.raises(Exception, match="damaged or of another export"):
        read_artifact(path)


@pytest.fixture
def write_artifact_as(artifact: Path, tmp_path: Path) -> Callable[[str], Artifact]:
    """Writes the small artifact in another format."""

    def write(kind: str) -> Artifact:
        parent = read_artifact(artifact)
        if kind == "openvino":
            import openvino

            folder = tmp_path / "openvino"
            folder.mkdir()
            path = folder / "mean.xml"
            openvino.save_model(openvino.Core().read_model(artifact), path)
            data, weights = path.read_bytes(), path.with_suffix(".bin").read_bytes()
            changes = {"kind": "openvino", "artifact_sha256": sha256_of(data, weights)}
            made = Artifact(path, parent.manifest.model_copy(update=changes), data, weights)
        else:
            from irvis.engine.shapes import Shapes
            from irvis.engine.tensorrt_build import build
            from irvis.engine.tensorrt_plan import BuildPlan

            plan = BuildPlan("tensorrt_rtx", "fp32", ("sm89",), Shapes.only((32, 24)))
            made = build(parent, plan)._replace(path=tmp_path / "mean.engine")
        write_artifact(made)
        return made

    return write
