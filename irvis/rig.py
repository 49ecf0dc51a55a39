"""The rig: how the infrared camera's pixels lie on the visible camera's."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import yaml
from pydantic import Field, model_validator

from .config import Section, load
from .errors import ConfigError, RigError
from .geometry import Matrix, scaling, warp_points

Size = tuple[int, int]
Numbers = list[list[float]]
ASPECT_TOLERANCE = 0.02
VERSION = 2


class CameraModel(Section):
    """One camera of a rig."""

    width: int = Field(gt=0)
    """Width [px] at which the rig was measured."""
    height: int = Field(gt=0)
    """Height [px] at which the rig was measured."""
    K: Numbers | None = None
    """3 x 3 intrinsics [px], pixel centres at integers; none where only the homography is known."""
    dist: list[float] = Field(default_factory=list)
    """Distortion k1, k2, p1, p2, k3 as OpenCV defines it; nothing without K."""

    @model_validator(mode="after")
    def _check(self) -> "CameraModel":
        if self.K is not None:
            focal = _matrix(self.K, "K")[[0, 1], [0, 1]]
            if (focal <= 0).any():
                raise ValueError("K: expected focal lengths above 0; calibrate again")
        if len(self.dist) not in (0, 4, 5, 8):
            raise ValueError(f"dist: expected 0, 4, 5 or 8 coefficients, got {len(self.dist)}")
        return self

    @property
    def size(self) -> Size:
        """Width and height [px]."""
        return self.width, self.height

    def intrinsics(self, size: Size | None = None) -> Matrix:
        """(3, 3) K at another width and height [px]; at the measured one without.

        Raises:
            RigError: The camera has no K.
        """
        if self.K is None:
            raise RigError("this rig has a homography and no intrinsics; expected K: `irvis calibrate solve`")
        scaled: Matrix = scaling(self.size, size or self.size) @ np.asarray(self.K, np.float64)
        return scaled


class Pose(Section):
    """Where the infrared camera is: x_infrared = rotation @ x_visible + translation."""

    rotation: Numbers
    """3 x 3, from the visible camera's axes (right, down, ahead) to the infrared camera's."""
    translation_m: tuple[float, float, float]
    """The visible camera's place in the infrared camera's axes [m]."""

    @model_validator(mode="after")
    def _check(self) -> "Pose":
        matrix = _matrix(self.rotation, "rotation")
        if not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-4) or np.linalg.det(matrix) < 0:
            raise ValueError("rotation: expected a rotation matrix; calibrate again")
        return self

    @property
    def baseline_m(self) -> float:
        """Distance between the cameras [m]."""
        return float(np.linalg.norm(self.translation_m))


class Rig(Section):
    """Two cameras, the homography between them, exact on one plane, and where it is known their geometry."""

    version: int = Field(default=VERSION, ge=1, le=VERSION)
    """Of this file's format; 1 had neither intrinsics nor pose."""
    visible: CameraModel
    """The camera that sets the picture."""
    infrared: CameraModel
    """The camera that is warped onto it."""
    vis_from_ir: Numbers
    """3 x 3 homography, infrared pixels to visible pixels, pixel centres at integers."""
    ir_from_vis: Pose | None = None
    """The infrared camera's pose beside the visible one; with both K it says every plane, not just one."""
    plane_m: float | None = Field(default=None, gt=0)
    """Distance [m] of the plane on which pictures lie on each other."""
    infrared_delay_ms: float = 0.0
    """How much later than it should the infrared says that it saw a thing [ms]: `irvis calibrate temporal`."""

    @model_validator(mode="after")
    def _check(self) -> "Rig":
        if abs(np.linalg.det(_matrix(self.vis_from_ir, "vis_from_ir"))) < 1e-9:
            raise ValueError("vis_from_ir: singular; calibrate again")
        if self.ir_from_vis and not (self.visible.K and self.infrared.K and self.plane_m):
            raise ValueError("ir_from_vis: expected K of both cameras and plane_m beside it; calibrate again")
        return self

    @classmethod
    def identity(cls, visible: Size, infrared: Size) -> "Rig":
        """The rig of two cameras with one field of view: the infrared is scaled onto the visible."""
        return cls(
            visible=CameraModel(width=visible[0], height=visible[1]),
            infrared=CameraModel(width=infrared[0], height=infrared[1]),
            vis_from_ir=scaling(infrared, visible).tolist(),
        )

    @property
    def id(self) -> str:
        """Hash of everything in the rig."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def homography(self, visible: Size, infrared: Size) -> Matrix:
        """(3, 3) visible-from-infrared homography at other resolutions (width, height) [px] of the two cameras.

        Raises:
            RigError: A size has another aspect ratio than the rig's camera.
        """
        self._refuse_other_shapes(visible, infrared)
        matrix: Matrix = (
            scaling(self.visible.size, visible)
            @ np.asarray(self.vis_from_ir)
            @ scaling(infrared, self.infrared.size)
        )
        matrix /= matrix[2, 2]
        return matrix

    def ir_points(self, vis_points: Matrix, visible: Size, infrared: Size, plane_m: float | None = None) -> Matrix:
        """Where the infrared camera sees what the visible one sees, on the plane.

        With intrinsics and pose it goes through both lenses' distortions, otherwise by the homography.

        Args:
            vis_points: (N, 2) x, y [px] in a visible picture.
            visible: That picture's width and height [px].
            infrared: The infrared picture's.
            plane_m: Distance of the plane [m]; the rig's own without. Another one needs intrinsics and pose.

        Returns:
            (N, 2) x, y [px] in the infrared picture; may lie outside it.

        Raises:
            RigError: A size has another aspect ratio than the rig's camera, or a plane was asked for that this
                rig can't know.
        """
        if self.ir_from_vis is None or self.plane_m is None:
            if plane_m is not None and plane_m != self.plane_m:
                raise RigError(
                    f"rig {self.id} knows one plane only, {plane_m:g} m was asked for; "
                    "`irvis calibrate solve` gives a rig that knows them all"
                )
            ir_from_vis: Matrix = np.asarray(np.linalg.inv(self.homography(visible, infrared)), np.float64)
            return warp_points(ir_from_vis, vis_points)
        self._refuse_other_shapes(visible, infrared)
        K_vis, dist_vis = self.visible.intrinsics(visible), np.array(self.visible.dist or [0.0] * 4)
        K_ir, dist_ir = self.infrared.intrinsics(infrared), np.array(self.infrared.dist or [0.0] * 4)
        rays = np.asarray(cv2.undistortPoints(vis_points[:, None], K_vis, dist_vis), np.float64)[:, 0]
        places = np.column_stack([rays, np.ones(len(rays))]) * (plane_m or self.plane_m)
        rotation, _ = cv2.Rodrigues(np.asarray(self.ir_from_vis.rotation, np.float64))
        seen, _ = cv2.projectPoints(places, rotation, np.array(self.ir_from_vis.translation_m), K_ir, dist_ir)
        return np.asarray(seen, np.float64)[:, 0]

    def _refuse_other_shapes(self, visible: Size, infrared: Size) -> None:
        for name, camera, size in (("visible", self.visible, visible), ("infrared", self.infrared, infrared)):
            if aspects_disagree(camera.size, size):
                raise RigError(
                    f"rig {self.id}: {name} frames are {size[0]}x{size[1]}, the rig was measured at "
                    f"{camera.width}x{camera.height}, another aspect ratio; calibrate at this mode"
                )


def aspects_disagree(one: Size, other: Size) -> bool:
    """Whether two sizes (width, height) differ in aspect ratio by more than 2 %."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) > ASPECT_TOLERANCE


def load_rig(path: Path) -> Rig:
    """Read rig.yaml.

    Raises:
        RigError: The file is missing, or is not a rig.
    """
    try:
        return load(Rig, path)
    except ConfigError as exc:
        raise RigError(str(exc)) from exc


def save_rig(rig: Rig, path: Path) -> None:
    """Write rig.yaml.

    Raises:
        RigError: The file can't be written.
    """
    text = yaml.safe_dump(rig.model_dump(mode="json", exclude_none=True), sort_keys=False, default_flow_style=None)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise RigError(f"{path}: can't be written ({exc}); choose another place") from exc


def _matrix(numbers: Numbers, name: str) -> Matrix:
    if len(numbers) != 3 or any(len(row) != 3 for row in numbers) or not np.isfinite(numbers).all():
        raise ValueError(f"{name}: expected 3 x 3 finite numbers")
    return np.asarray(numbers, np.float64)
