"""Fuses two arrays with a shipped network, without any node.

python examples/fuse_arrays.py [OUT.png]
"""

import sys

import cv2

from irvis.engine import open_engine
from irvis.overlay import class_name, draw_labels, labels_present
from irvis.scene import Scene, SceneConfig
from irvis.settings import EngineSettings

street = Scene(SceneConfig())
visible, infrared = street.visible(time_s=2.0), street.infrared(time_s=2.0)  # (H, W, 3) BGR and (H, W), uint8

engine = open_engine(EngineSettings(artifact="cmdfc-nano", kind="onnx"), (640, 480))
fused, labels = engine.fuse(visible, infrared)

print(engine.fingerprint, "found", ", ".join(map(class_name, labels_present(labels))))
if len(sys.argv) > 1:
    picture = fused.copy()
    draw_labels(picture, labels)
    cv2.imwrite(sys.argv[1], picture)
