"""The rig: how the infrared camera's pixels lie on the visible camera's."""

import hashlib
from pathlib import Path

import numpy as np
from pydantic import Field, model_validator

from .config import Section, load
from .errors import ConfigError, RigError
from .geometry import Matrix, scaling

Size = tuple[int, int]
ASPECT_TOLERANCE = 0.02


class CameraModel(Section):
    """One camera of a rig."""

    width: int = Field(gt=0)
    """Width [px] at which the rig was measured."""
    height: int = Field(gt=0)
    """Height [px] at which the rig was measured."""

    @property
    def size(self) -> Size:
        """Width and height [px]."""
        return self.width, self.height


class Rig(Section):
    """Two cameras and the homography between them, exact on one plane."""

    version: int = Field(default=1, ge=1, le=1)
    """Of this file's format."""
    visible: CameraModel
    """The camera that sets the picture."""
    infrared: CameraModel
    """The camera that is warped onto it."""
    vis_from_ir: list[list[float]]
    """3 x 3 homography, infrared pixels to visible pixels, pixel centres at integers."""

    @model_validator(mode="after")
    def _check(self) -> "Rig":
        matrix = np.asarray(self.vis_from_ir, np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
            raise ValueError("vis_from_ir: expected 3 x 3 finite numbers")
        if abs(np.linalg.det(matrix)) < 1e-9:
            raise ValueError("vis_from_ir: singular; calibrate again")
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
        for name, camera, size in (("visible", self.visible, visible), ("infrared", self.infrared, infrared)):
            if aspects_disagree(camera.size, size):
                raise RigError(
                    f"rig {self.id}: {name} frames are {size[0]}x{size[1]}, the rig was measured at "
                    f"{camera.width}x{camera.height}, another aspect ratio; calibrate at this mode"
                )
        matrix: Matrix = (
            scaling(self.visible.size, visible)
            @ np.asarray(self.vis_from_ir)
            @ scaling(infrared, self.infrared.size)
        )
        matrix /= matrix[2, 2]
        return matrix


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
