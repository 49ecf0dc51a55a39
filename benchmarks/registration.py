"""How well the image-based registration finds a known warp on real pairs: python benchmarks/registration.py DATA.

Every pair's infrared is warped by a random similarity (up to 20 px, 3 degrees, 5 %), both are cut so that no
border shows, and `register` has to find the warp again. Two figures: `known`, against the warp alone, which also
counts what the data set's own pairs are off by; and `recovered`, against the warp after the pair's own
registration, which starts from where the data set says that they are aligned.
"""

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from irvis.geometry import Matrix
from irvis.registration import register
from irvis.registration.model import corner_distance_px

MARGIN_PX = 34
GOOD_PX = 1.5
SETS = ("roadscene", "msrs/val")


def random_warp(rng: np.random.Generator, size: tuple[int, int]) -> Matrix:
    """(3, 3) a similarity about the picture's middle."""
    scale, turn = 1 + rng.uniform(-0.05, 0.05), np.radians(rng.uniform(-3, 3))
    length, way = 20 * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
    middle = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    warp = np.eye(3)
    warp[:2, :2] = linear
    warp[:2, 2] = middle + length * np.array([np.cos(way), np.sin(way)]) - linear @ middle
    return warp


def measure(folder: Path, pairs: int) -> dict[str, object]:
    """The figures of one data set."""
    rng = np.random.default_rng(0)
    files = sorted((folder / "ir").iterdir())
    rows = []
    for file in files[:: max(1, len(files) // pairs)][:pairs]:
        infrared = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        visible = cv2.imread(str(next((folder / "vi").glob(f"{file.stem}.*"))), cv2.IMREAD_GRAYSCALE)
        assert infrared is not None
        assert visible is not None
        height, width = visible.shape
        warp = random_warp(rng, (width, height))
        moved = cv2.warpPerspective(infrared, np.linalg.inv(warp), (width, height))
        inner = slice(MARGIN_PX, height - MARGIN_PX), slice(MARGIN_PX, width - MARGIN_PX)
        cut = np.array([[1, 0, -MARGIN_PX], [0, 1, -MARGIN_PX], [0, 0, 1]], np.float64)
        truth = cut @ warp @ np.linalg.inv(cut)
        vis, ir, ir_moved = (
            np.ascontiguousarray(each[inner]).astype(np.uint8) for each in (visible, infrared, moved)
        )
        size = vis.shape[1], vis.shape[0]
        own = register(vis, ir, start=np.eye(3))
        found = register(vis, ir_moved)
        rows.append(
            {
                "pair": file.stem,
                "known_px": round(corner_distance_px(found.vis_from_ir, truth, size), 3),
                "recovered_px": round(corner_distance_px(found.vis_from_ir, own.vis_from_ir @ truth, size), 3),
                "own_px": round(corner_distance_px(own.vis_from_ir, np.eye(3), size), 3),
                "spread_px": round(min(found.spread_px, 999.0), 3),
                "correlation": round(found.correlation, 3),
                "is_sure": found.is_sure,
            }
        )
    recovered = np.array([row["recovered_px"] for row in rows], np.float64)
    sure = np.array([row["is_sure"] for row in rows])
    return {
        "pairs": len(rows),
        "recovered_within_1.5_px": float((recovered <= GOOD_PX).mean()),
        "known_within_1.5_px": float((np.array([row["known_px"] for row in rows], np.float64) <= GOOD_PX).mean()),
        "median_recovered_px": float(np.median(recovered)),
        "median_own_px": float(np.median(np.array([row["own_px"] for row in rows], np.float64))),
        "sure": float(sure.mean()),
        "sure_but_wrong": int((sure & (recovered > GOOD_PX)).sum()),
        "wrong_and_said_so": int((~sure & (recovered > GOOD_PX)).sum()),
        "rows": rows,
    }


def main() -> None:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "registration.json")
    arguments = parser.parse_args()
    results = {name: measure(arguments.data / name, arguments.pairs) for name in SETS}
    arguments.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for name, result in results.items():
        shown = {key: value for key, value in result.items() if key != "rows"}
        sys.stdout.write(f"{name}: {json.dumps(shown)}\n")


if __name__ == "__main__":
    main()
