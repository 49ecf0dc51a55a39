"""How far a rig is off, point by point: reprojection, epipolar lines, and what lies on what."""

from dataclasses import dataclass

import cv2
import numpy as np

from irvis.geometry import Matrix
from irvis.rig import CameraModel, Rig

from .homography import leave_one_out_rms_px
from .views import Seen, View, Views

GROUP = 4
"""Points that are left out together: those of one marker."""


@dataclass(frozen=True)
class ViewResiduals:
    """What one view says about a rig.

    Attributes:
        name: Of the view.
        visible: (N, 2) reprojection error of the visible camera's points [px]; none without lenses.
        infrared: The same of the infrared camera's.
        epipolar_px: (M,) distance of visible points from the epipolar lines of their infrared ones.
        aligned: (M, 2) where the aligned infrared shows a point, less where the visible does [visible px]: on the
            rig's plane this is the error of the picture.
        distance_m: Of the board; None without lenses.
    """

    name: str
    visible: Matrix
    infrared: Matrix
    epipolar_px: Matrix
    aligned: Matrix
    distance_m: float | None


def residuals(rig: Rig, views: Views) -> list[ViewResiduals]:
    """Of every used view, in their order."""
    return [_of_view(rig, views, view) for view in views.used()]


def rms(errors: Matrix) -> float:
    """Root mean square of (N, 2) vectors or (N,) distances."""
    squares = (errors**2).sum(axis=1) if errors.ndim == 2 else errors**2
    return float(np.sqrt(squares.mean())) if len(squares) else float("nan")


def within_views_rms_px(views: Views) -> float:
    """How well a homography predicts points [visible px]: within each view, four left out at a time."""
    errors = []
    for view in views.used():
        _, vis, ir = view.both()
        groups = [(ir[k : k + GROUP], vis[k : k + GROUP]) for k in range(0, len(ir), GROUP)]
        if len(groups) > GROUP:
            errors.append(leave_one_out_rms_px(groups, "homography"))
    return rms(np.array(errors))


def _of_view(rig: Rig, views: Views, view: View) -> ViewResiduals:
    _, vis, ir = view.both()
    nothing = np.zeros((0, 2))
    there = _vis_from_ir(rig, ir)
    if rig.ir_from_vis is None or view.visible is None or view.infrared is None:
        return ViewResiduals(view.name, nothing, nothing, np.zeros(0), there - vis, None)
    board = views.target.points_m()
    visible, distance_m = _reprojection(rig.visible, view.visible, board)
    infrared, _ = _reprojection(rig.infrared, view.infrared, board)
    return ViewResiduals(view.name, visible, infrared, _epipolar_px(rig, vis, ir), there - vis, distance_m)


def _reprojection(camera: CameraModel, seen: Seen, board: Matrix) -> tuple[Matrix, float]:
    """Errors (N, 2) [px] of the pose that suits one camera best, and the board's distance [m]."""
    K, dist = camera.intrinsics(), np.array(camera.dist or [0.0] * 4)
    points = board[seen.ids]
    _, turn, place = cv2.solvePnP(points, seen.places(), K, dist)
    drawn, _ = cv2.projectPoints(points, turn, place, K, dist)
    rotation, _ = cv2.Rodrigues(turn)
    middle = np.asarray(rotation) @ points.mean(axis=0) + np.asarray(place).ravel()
    return np.asarray(drawn, np.float64)[:, 0] - seen.places(), float(middle[2])


def _epipolar_px(rig: Rig, vis: Matrix, ir: Matrix) -> Matrix:
    """Distance of visible points from the epipolar lines of the infrared ones, lenses undone [visible px]."""
    assert rig.ir_from_vis
    x, y, z = rig.ir_from_vis.translation_m
    across = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    essential = across @ np.array(rig.ir_from_vis.rotation)
    rays = [_rays(rig.visible, vis), _rays(rig.infrared, ir)]
    lines = rays[1] @ essential
    off = np.abs((lines * rays[0]).sum(axis=1)) / np.linalg.norm(lines[:, :2], axis=1)
    apart: Matrix = off * float(rig.visible.intrinsics()[0, 0])
    return apart


def _rays(camera: CameraModel, points: Matrix) -> Matrix:
    """(N, 3) x, y, 1 in the camera's axes of (N, 2) pixels."""
    flat = cv2.undistortPoints(points[:, None], camera.intrinsics(), np.array(camera.dist or [0.0] * 4))[:, 0]
    return np.column_stack([flat, np.ones(len(points))])


def _vis_from_ir(rig: Rig, ir: Matrix) -> Matrix:
    """(N, 2) where the fused picture shows infrared points: the inverse of the warp, by a few corrections."""
    visible, infrared = rig.visible.size, rig.infrared.size
    matrix = rig.homography(visible, infrared)
    homogeneous = np.column_stack([ir, np.ones(len(ir))]) @ matrix.T
    there: Matrix = homogeneous[:, :2] / homogeneous[:, 2:]
    for _ in range(5):
        missed = ir - rig.ir_points(there, visible, infrared)
        there = there + missed @ matrix[:2, :2].T
    return there
