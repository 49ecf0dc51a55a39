"""A rig with lenses and pose: warps, planes and resolutions agree with each other, and with GridSample."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irvis.errors import RigError
from irvis.geometry import Matrix, fixed_point, parallax_px, pixel_grid, sampling_grid, warp_points
from irvis.rig import CameraModel, Pose, Rig, load_rig, save_rig

VISIBLE, INFRARED = (640, 480), (320, 256)
sizes = st.integers(1, 8)


def rig_of(turn: tuple[float, float, float], k1: float, plane_m: float = 2.0) -> Rig:
    rotation, _ = cv2.Rodrigues(np.array(turn))
    return Rig(
        visible=CameraModel(
            width=640, height=480, K=[[700, 0, 322], [0, 700, 238], [0, 0, 1]], dist=[k1, 0, 0, 0]
        ),
        infrared=CameraModel(
            width=320, height=256, K=[[380, 0, 158], [0, 380, 129], [0, 0, 1]], dist=[-k1, 0, 0, 0]
        ),
        vis_from_ir=[[1.84, 0, 31], [0, 1.84, 0.6], [0, 0, 1]],
        ir_from_vis=Pose(rotation=np.asarray(rotation).tolist(), translation_m=(-0.05, 0.002, 0.001)),
        plane_m=plane_m,
    )


small = st.floats(-0.03, 0.03)
rigs = st.builds(rig_of, st.tuples(small, small, small), st.floats(-0.1, 0.1))


@given(rigs, sizes, sizes)
def test_a_rig_says_the_same_place_at_every_resolution(rig: Rig, vis_times: int, ir_times: int) -> None:
    points = np.array([[100.0, 50.0], [320.5, 240.25], [600.0, 400.0]])
    here = rig.ir_points(points, VISIBLE, INFRARED)
    larger = (points + 0.5) * vis_times - 0.5
    there = rig.ir_points(larger, (640 * vis_times, 480 * vis_times), (320 * ir_times, 256 * ir_times))
    np.testing.assert_allclose((there + 0.5) / ir_times - 0.5, here, atol=1e-6)


@given(rigs, st.floats(0.5, 50))
def test_moving_the_plane_moves_points_by_the_parallax(rig: Rig, plane_m: float) -> None:
    middle = np.array([[322.0, 238.0]])
    moved = rig.ir_points(middle, VISIBLE, INFRARED, plane_m) - rig.ir_points(middle, VISIBLE, INFRARED, 2.0)
    expected = parallax_px(380, 0.05, plane_m, 2.0)
    assert np.linalg.norm(moved) == pytest.approx(expected, rel=0.15, abs=0.1)


@given(st.floats(0.2, 100), st.floats(0.2, 100))
def test_parallax_is_nothing_on_the_plane_and_the_same_both_ways(one_m: float, other_m: float) -> None:
    assert parallax_px(800, 0.05, one_m, one_m) == 0
    assert parallax_px(800, 0.05, one_m, other_m) == pytest.approx(parallax_px(800, 0.05, other_m, one_m))


def test_a_homography_alone_knows_one_plane_only() -> None:
    rig = Rig.identity(VISIBLE, INFRARED)
    with pytest.raises(RigError, match=r"knows one plane only, 3 m was asked for; .*calibrate solve"):
        rig.ir_points(np.zeros((1, 2)), VISIBLE, INFRARED, 3.0)


def test_without_lenses_points_go_by_the_homography() -> None:
    rig = Rig.identity(VISIBLE, INFRARED)
    points = np.array([[10.0, 20.0], [600.0, 300.0]])
    back = warp_points(rig.homography(VISIBLE, INFRARED), rig.ir_points(points, VISIBLE, INFRARED))
    np.testing.assert_allclose(back, points)


def test_a_saved_rig_is_the_same_rig(tmp_path: Path) -> None:
    rig = rig_of((0.01, 0.02, -0.01), 0.05)
    save_rig(rig, tmp_path / "rig.yaml")
    assert load_rig(tmp_path / "rig.yaml") == rig
    assert load_rig(tmp_path / "rig.yaml").id == rig.id


def test_a_rig_of_the_first_version_is_still_read() -> None:
    old = {
        "version": 1,
        "visible": {"width": 640, "height": 480},
        "infrared": {"width": 320, "height": 240},
        "vis_from_ir": np.eye(3).tolist(),
    }
    assert Rig.model_validate(old).ir_from_vis is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"plane_m": None}, "expected K of both cameras and plane_m"),
        ({"version": 3}, "less than or equal to 2"),
        ({"ir_from_vis": {"rotation": np.eye(3).tolist()[::-1], "translation_m": (0, 0, 0)}}, "rotation matrix"),
    ],
)
def test_a_rig_that_contradicts_itself_is_refused(change: dict[str, object], reason: str) -> None:
    whole = {**rig_of((0.0, 0.0, 0.0), 0.0).model_dump(), **change}
    with pytest.raises(ValueError, match=reason):
        Rig.model_validate(whole)


def grid_sample(image: Matrix, grid: np.ndarray) -> Matrix:
    """ONNX's GridSample, as a graph would have it."""
    from onnxruntime import InferenceSession

    node = onnx.helper.make_node(
        "GridSample", ["x", "grid"], ["y"], mode="linear", padding_mode="zeros", align_corners=0
    )
    floats = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [node],
        "warp",
        [onnx.helper.make_tensor_value_info(name, floats, [None] * 4) for name in ("x", "grid")],
        [onnx.helper.make_tensor_value_info("y", floats, [None] * 4)],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    feeds = {"x": image[None, None].astype(np.float32), "grid": grid[None]}
    sampled: Matrix = np.asarray(session.run(None, feeds)[0], np.float64)[0, 0]
    return sampled


def test_the_maps_give_the_same_picture_in_a_graph_as_on_the_processor() -> None:
    rig = rig_of((0.01, -0.02, 0.015), -0.08)
    picture = np.random.default_rng(0).integers(0, 256, (256, 320), np.uint8)
    maps = fixed_point(rig.ir_points(pixel_grid(VISIBLE), VISIBLE, INFRARED), VISIBLE)
    on_processor = cv2.remap(picture, *maps, cv2.INTER_LINEAR).astype(np.float64)
    in_graph = grid_sample(picture.astype(np.float64), sampling_grid(*maps, INFRARED))
    assert np.abs(np.rint(in_graph) - on_processor).max() <= 1
