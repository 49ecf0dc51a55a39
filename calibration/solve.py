"""From views of a board to a rig: both lenses, the pose between the cameras, and the plane that is exact."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from irvis.errors import DataError
from irvis.geometry import Matrix, pixel_grid
from irvis.rig import CameraModel, Pose, Rig

from .cameras import FULL, HELD, LEAST_LEFT, MANY_VIEWS, OUTLIER_FACTOR, OUTLIER_PX, Lens, solve_lens
from .checks import check_seen
from .views import Seen, View, Views

DONE = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 200, 1e-8)
HOPELESS_PX = 5.0
SPREAD_PX = 40
"""Step of the grid on which the homography of the plane is fitted."""


@dataclass(frozen=True)
class Solution:
    """A solved rig and how good it is.

    Attributes:
        rig: For the fusion node.
        visible: The visible camera's lens.
        infrared: The infrared camera's.
        stereo_rms_px: Reprojection error of both cameras together, the cameras rigid.
        rejected: Views left out, with the reason.
    """

    rig: Rig
    visible: Lens
    infrared: Lens
    stereo_rms_px: float
    rejected: dict[str, str]


def solve(views: Views, plane_m: float | None = None) -> Solution:
    """Solve for everything; views that don't fit are marked as rejected.

    Args:
        views: Found by `find_views`.
        plane_m: Distance of the plane on which pictures shall lie on each other [m]; the median board's without.

    Raises:
        DataError: The views can't be solved; the message says why.
    """
    check_seen(views)
    visible = solve_lens(_seen(views, "visible"), views.target, views.visible_size)
    infrared = solve_lens(_seen(views, "infrared"), views.target, views.infrared_size)
    rejected = {name: f"visible: {reason}" for name, reason in visible.rejected.items()}
    rejected |= {name: f"infrared: {reason}" for name, reason in infrared.rejected.items()}
    while True:
        used = [view for view in views.used() if view.name not in rejected]
        rms, visible, infrared, pose, errors, distances = _stereo(views, used, visible, infrared)
        worst = int(errors.argmax())
        limit = max(OUTLIER_FACTOR * float(np.median(errors)), OUTLIER_PX)
        if errors[worst] <= limit or len(used) <= LEAST_LEFT:
            break
        rejected[used[worst].name] = f"the two cameras disagree by {errors[worst]:.2f} px"
    if rms > HOPELESS_PX:
        raise DataError(
            f"the views don't fit one rigid pair of cameras ({rms:.1f} px): expected below 1; check the board's "
            "numbers (columns, rows, sizes), that both cameras took each pair at the same time, and that no "
            "camera is mirrored"
        )
    for view in views.views:
        view.rejected = rejected.get(view.name, "")
    rig = _rig(views, visible, infrared, pose, plane_m or float(np.median(distances)))
    return Solution(rig, visible, infrared, rms, rejected)


def _seen(views: Views, modality: str) -> dict[str, Seen]:
    return {view.name: seen for view in views.views if (seen := getattr(view, modality)) is not None}


def _stereo(
    views: Views, used: list[View], visible: Lens, infrared: Lens
) -> tuple[float, Lens, Lens, Pose, Matrix, Matrix]:
    """All views at once, refining the lenses too; also each view's error [px] and distance [m]."""
    board = views.target.points_m().astype(np.float32)
    shared = [view.both() for view in used]
    held = visible.is_held or infrared.is_held
    flags = cv2.CALIB_FIX_INTRINSIC if len(used) < MANY_VIEWS else HELD if held else FULL
    rms, K_vis, dist_vis, K_ir, dist_ir, rotation, translation, _, _, _, places, errors = (
        cv2.stereoCalibrateExtended(
            [board[ids] for ids, _, _ in shared],
            [vis.astype(np.float32) for _, vis, _ in shared],
            [ir.astype(np.float32) for _, _, ir in shared],
            visible.K.copy(),
            visible.dist.copy(),
            infrared.K.copy(),
            infrared.dist.copy(),
            views.visible_size,
            np.eye(3),
            np.zeros((3, 1)),
            flags=flags,
            criteria=DONE,
        )
    )
    x, y, z = (float(value) for value in np.asarray(translation).ravel())
    pose = Pose(rotation=np.asarray(rotation).tolist(), translation_m=(x, y, z))
    lenses = [
        replace(lens, K=np.asarray(K, np.float64), dist=np.asarray(dist, np.float64).ravel()[:5])
        for K, dist, lens in ((K_vis, dist_vis, visible), (K_ir, dist_ir, infrared))
    ]
    distances = np.array([float(np.asarray(place).ravel()[2]) for place in places])
    return float(rms), lenses[0], lenses[1], pose, np.asarray(errors).max(axis=1), distances


def _rig(views: Views, visible: Lens, infrared: Lens, pose: Pose, plane_m: float) -> Rig:
    cameras = [
        CameraModel(width=size[0], height=size[1], K=lens.K.tolist(), dist=lens.dist.tolist())
        for lens, size in ((visible, views.visible_size), (infrared, views.infrared_size))
    ]
    rough = Rig(
        visible=cameras[0], infrared=cameras[1], vis_from_ir=np.eye(3).tolist(), ir_from_vis=pose, plane_m=plane_m
    )
    grid = pixel_grid(views.visible_size).reshape(views.visible_size[1], views.visible_size[0], 2)
    vis_points = grid[::SPREAD_PX, ::SPREAD_PX].reshape(-1, 2)
    ir_points = rough.ir_points(vis_points, views.visible_size, views.infrared_size)
    homography, _ = cv2.findHomography(ir_points, vis_points)
    return rough.model_copy(update={"vis_from_ir": np.asarray(homography).tolist()})
