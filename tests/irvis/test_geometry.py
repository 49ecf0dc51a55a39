"""The maths of two cameras, held to the axioms of homographies."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from irvis.geometry import Matrix, fixed_point, pixel_grid, scaling, warp_points

sizes = st.tuples(st.integers(2, 2000), st.integers(2, 2000))
points = arrays(np.float64, (5, 2), elements=st.floats(-500, 2500))


@st.composite
def homographies(draw: st.DrawFn) -> Matrix:
    """Invertible ones, near what two cameras side by side give."""
    angle, scale = draw(st.floats(-0.3, 0.3)), draw(st.floats(0.3, 3))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    shift_x, shift_y = draw(st.floats(-200, 200)), draw(st.floats(-200, 200))
    tilt_x, tilt_y = draw(st.floats(-1e-5, 1e-5)), draw(st.floats(-1e-5, 1e-5))
    return np.array([[cos, -sin, shift_x], [sin, cos, shift_y], [tilt_x, tilt_y, 1]], np.float64)


@given(points)
def test_identity_leaves_points_alone(where: Matrix) -> None:
    np.testing.assert_allclose(warp_points(np.eye(3), where), where)


@given(homographies(), points)
def test_inverse_brings_points_back(vis_from_ir: Matrix, where: Matrix) -> None:
    there = warp_points(vis_from_ir, where)
    ir_from_vis: Matrix = np.asarray(np.linalg.inv(vis_from_ir), np.float64)
    np.testing.assert_allclose(warp_points(ir_from_vis, there), where, atol=1e-6)


@given(homographies(), homographies(), points)
def test_product_warps_like_one_after_the_other(c_from_b: Matrix, b_from_a: Matrix, where: Matrix) -> None:
    np.testing.assert_allclose(
        warp_points(c_from_b @ b_from_a, where), warp_points(c_from_b, warp_points(b_from_a, where)), atol=1e-6
    )


@given(sizes, sizes)
def test_scaling_maps_the_outer_edges_onto_each_other(src: tuple[int, int], dest: tuple[int, int]) -> None:
    edges = np.array([[-0.5, -0.5], [src[0] - 0.5, src[1] - 0.5]])
    wanted = np.array([[-0.5, -0.5], [dest[0] - 0.5, dest[1] - 0.5]])
    np.testing.assert_allclose(warp_points(scaling(src, dest), edges), wanted, atol=1e-9)


@given(sizes, sizes, sizes)
def test_scaling_in_two_steps_is_scaling_in_one(
    a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]
) -> None:
    np.testing.assert_allclose(scaling(b, c) @ scaling(a, b), scaling(a, c), atol=1e-9)


def maps_of(src_from_dest: Matrix, size: tuple[int, int]) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    return fixed_point(warp_points(src_from_dest, pixel_grid(size)), size)


def test_maps_warp_as_the_homography_says() -> None:
    image = np.zeros((40, 60), np.uint8)
    image[10, 20] = 255
    dest_from_src = np.array([[1.0, 0, 7], [0, 1, 5], [0, 0, 1]])
    warped = cv2.remap(
        image, *maps_of(np.asarray(np.linalg.inv(dest_from_src), np.float64), (60, 40)), cv2.INTER_LINEAR
    )
    assert np.argwhere(warped).tolist() == [[15, 27]]


def test_maps_agree_with_opencv_on_a_projective_warp() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 80), np.uint8)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), 3))
    dest_from_src = np.array([[0.9, 0.1, 3], [-0.05, 1.1, -2], [1e-4, -2e-4, 1]])
    ours = cv2.remap(
        image, *maps_of(np.asarray(np.linalg.inv(dest_from_src), np.float64), (80, 60)), cv2.INTER_LINEAR
    )
    theirs = cv2.warpPerspective(image, dest_from_src, (80, 60), flags=cv2.INTER_LINEAR)
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 2
