"""What an estimate of the residual costs in processor time, and how far it is off: benchmarks/residual_cost.py.

The fusion node's steps, on the synthetic street by day and by night, with the infrared moved and grown by a known
little in each frame. Processor time is that of all threads of the process, not what a clock on the wall shows.
`share_of_a_core` is at one estimate a second.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from irvis.config import parse_size
from irvis.frame import Pixels
from irvis.geometry import Matrix, scaling, warp_points
from irvis.registration import Residual, as_estimated, estimate_residual
from irvis.registration.residual import WIDTH_PX
from irvis.rig import Size
from irvis.scene import Scene, SceneConfig
from pipeline.accounting.machine import facts

OUT = Path(__file__).parent / "results" / "residual_cost.json"
FAR_PX, FAR_SCALE = 12.0, 0.02
STEP_S = 2.0
"""Of the street's time from one frame to the next."""


def estimate(visible: Pixels, aligned: Pixels) -> Residual:
    """As `pipeline.fusion.watch` does: the fusing thread reduces both, another one estimates."""
    return estimate_residual(*as_estimated(visible, aligned))


def measure(light: Literal["day", "night"], size: Size, frames: int) -> dict[str, object]:
    """Processor time [ms] and error of the shift [px of this size] over some frames."""
    rng = np.random.default_rng(0)
    scene = Scene(SceneConfig(light=light, width=size[0], height=size[1], ir_width=size[0], ir_height=size[1]))
    cost_ms, off_px, confidence = [], [], []
    for k in range(frames):
        visible, infrared = scene.visible(k * STEP_S), scene.infrared(k * STEP_S)
        truth = _moved(rng, size)
        own = np.linalg.inv(truth) @ scene.vis_from_ir
        aligned = np.asarray(cv2.warpPerspective(infrared, own, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
        begun_s = time.process_time()
        found = estimate(visible, aligned)
        cost_ms.append(1000 * (time.process_time() - begun_s))
        confidence.append(found.confidence)
        middle = (np.array([size], np.float64) - 1) / 2
        small = max(1.0, size[0] / WIDTH_PX)
        seen = round(size[0] / small), round(size[1] / small)
        to_full = scaling(seen, size)
        matrix = to_full @ found.vis_from_aligned @ np.linalg.inv(to_full)
        off_px.append(float(np.linalg.norm(warp_points(matrix, middle) - warp_points(truth, middle))))
    return {
        "size": list(size),
        "light": light,
        "frames": frames,
        "cpu_ms_median": round(float(np.median(cost_ms)), 1),
        "cpu_ms_p95": round(float(np.percentile(cost_ms, 95)), 1),
        "share_of_a_core": round(float(np.median(cost_ms)) / 1000, 4),
        "off_px_median": round(float(np.median(off_px)), 3),
        "off_px_p95": round(float(np.percentile(off_px, 95)), 3),
        "off_px_worst": round(max(off_px), 3),
        "confidence_least": round(min(confidence), 2),
    }


def _moved(rng: np.random.Generator, size: Size) -> Matrix:
    """(3, 3) vis_from_aligned: a shift and a scale about the middle."""
    scale = 1 + rng.uniform(-FAR_SCALE, FAR_SCALE)
    right, down = rng.uniform(-FAR_PX, FAR_PX, 2)
    x, y = (size[0] - 1) / 2, (size[1] - 1) / 2
    return np.array([[scale, 0, x + right - scale * x], [0, scale, y + down - scale * y], [0, 0, 1]])


def main() -> None:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    estimate(*(np.zeros((480, 640, *rest), np.uint8) for rest in ((3,), ())))  # what is made once
    rows = [
        measure(light, parse_size(size), arguments.frames)
        for size in ("640x480", "1280x720")
        for light in ("day", "night")
    ]
    arguments.out.write_text(json.dumps({"rows": rows, "machine": facts()}, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        sys.stdout.write(f"{json.dumps(row)}\n")


if __name__ == "__main__":
    main()
