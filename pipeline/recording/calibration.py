"""The rig as Foxglove's camera calibrations."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration

from irvis.rig import load_rig

from .channels import CALIBRATION, CALIBRATION_SCHEMA, CAMERAS, INFRARED, VISIBLE, Entry

MODELS = {0: "", 5: "plumb_bob", 8: "rational_polynomial"}
"""Foxglove's names of OpenCV's distortions, by the number of coefficients that these have there."""


def calibrations(rig_path: Path) -> Iterator[Entry]:
    """One entry for each camera of a rig whose intrinsics are known; their stamps are 0.

    Raises:
        RigError: The rig can't be read.
    """
    rig = load_rig(rig_path)
    for channel, camera in ((VISIBLE, rig.visible), (INFRARED, rig.infrared)):
        if camera.K is None:
            continue
        dist = [*camera.dist, 0.0] if len(camera.dist) == 4 else camera.dist
        intrinsics = np.asarray(camera.K, float).reshape(3, 3)
        message = CameraCalibration(
            frame_id=CAMERAS[channel],
            width=camera.width,
            height=camera.height,
            distortion_model=MODELS[len(dist)],
            D=dist,
            K=intrinsics.ravel().tolist(),
            R=np.eye(3).ravel().tolist(),
            P=np.hstack([intrinsics, np.zeros((3, 1))]).ravel().tolist(),
        )
        yield Entry(channel + CALIBRATION, CALIBRATION_SCHEMA, message.SerializeToString(), 0, 0, 0)
