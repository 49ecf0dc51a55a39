"""What ONNX Runtime and OpenVINO engines promise alike, on a real graph."""

from pathlib import Path

import numpy as np
import pytest

from irvis.engine import Engine, open_engine
from irvis.engine.openvino import OpenVinoEngine
from irvis.errors import EngineError
from irvis.frame import Pixels
from irvis.settings import EngineSettings

SIZE = (32, 24)


@pytest.fixture(params=["onnx", "openvino"])
def engine(request: pytest.FixtureRequest, artifact: Path) -> Engine:
    return open_engine(EngineSettings(artifact=str(artifact), kind=request.param, threads=1), SIZE)


def pair(width: int, height: int, seed: int = 0) -> tuple[Pixels, Pixels]:
    noise = np.random.default_rng(seed)
    return noise.integers(0, 256, (height, width, 3), np.uint8), noise.integers(0, 256, (height, width), np.uint8)


def mean_of(visible: Pixels, infrared: Pixels) -> Pixels:
    mean: Pixels = ((visible.astype(np.uint16) + infrared[..., np.newaxis]) // 2).astype(np.uint8)
    return mean


def test_engine_runs_the_graph(engine: Engine) -> None:
    visible, infrared = pair(*SIZE)
    fused, labels = engine.fuse(visible, infrared)
    np.testing.assert_array_equal(fused, mean_of(visible, infrared))
    np.testing.assert_array_equal(labels, infrared > 128)


def test_engine_pads_odd_sizes_and_crops_again(engine: Engine) -> None:
    visible, infrared = pair(33, 23)
    fused, labels = engine.fuse(visible, infrared)
    np.testing.assert_array_equal(fused, mean_of(visible, infrared))
    assert labels.shape == (23, 33)


def test_engine_goes_on_through_more_sizes_than_it_keeps(engine: Engine) -> None:
    for width in (32, 36, 40, 44, 48, 52, 32):
        visible, infrared = pair(width, 24)
        np.testing.assert_array_equal(engine.fuse(visible, infrared)[0], mean_of(visible, infrared))


def test_later_frames_leave_earlier_results_alone(engine: Engine) -> None:
    visible, infrared = pair(*SIZE)
    fused, labels = engine.fuse(visible, infrared)
    kept_fused, kept_labels = fused.copy(), labels.copy()
    for seed in range(1, 5):
        engine.fuse(*pair(*SIZE, seed=seed))
    np.testing.assert_array_equal(fused, kept_fused)
    np.testing.assert_array_equal(labels, kept_labels)


def test_engine_reads_frames_that_are_read_only(engine: Engine) -> None:
    visible, infrared = pair(*SIZE)
    for image in (visible, infrared):
        image.flags.writeable = False
    np.testing.assert_array_equal(engine.fuse(visible, infrared)[0], mean_of(visible, infrared))


def test_engine_runs_batches(engine: Engine) -> None:
    visible, infrared = (np.stack(images) for images in zip(pair(*SIZE), pair(*SIZE, seed=1), strict=True))
    fused, labels = engine.infer(visible, infrared)
    assert fused.shape == (2, 24, 32, 3)
    np.testing.assert_array_equal(labels, infrared > 128)


def test_engine_pads_batches_of_odd_sizes_and_crops_again(engine: Engine) -> None:
    visible, infrared = (np.stack(images) for images in zip(pair(33, 23), pair(33, 23, seed=1), strict=True))
    fused, labels = engine.fuse_batch(visible, infrared)
    np.testing.assert_array_equal(fused, mean_of(visible, infrared))
    np.testing.assert_array_equal(labels, infrared > 128)


def test_engine_refuses_shapes_that_disagree(engine: Engine) -> None:
    with pytest.raises(EngineError, match=r"expected \(H, W, 3\) and \(H, W\)"):
        engine.fuse(pair(32, 24)[0], pair(16, 24)[1])


def test_fingerprint_names_artifact_weights_runtime_device_and_precision(engine: Engine) -> None:
    name, runtime, device, precision = engine.fingerprint.split()
    assert name == f"mean@{engine.manifest.weights_sha256[:12]}"
    assert runtime.startswith(("onnxruntime-", "openvino-"))
    assert (device, precision) == (engine.device, engine.precision)


@pytest.mark.parametrize(("streams", "hint"), [(1, "LATENCY"), (2, "THROUGHPUT")])
def test_openvino_is_told_whether_latency_or_throughput_counts(artifact: Path, streams: int, hint: str) -> None:
    engine = open_engine(EngineSettings(artifact=str(artifact), kind="openvino", streams=streams), SIZE)
    assert isinstance(engine, OpenVinoEngine)
    compiled = engine._compile((1, 24, 32)).get().get_compiled_model()
    assert str(compiled.get_property("PERFORMANCE_HINT")) == hint
