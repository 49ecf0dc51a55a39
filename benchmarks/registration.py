"""How well the image-based registration finds a known warp on real pairs: python benchmarks/registration.py DATA.

Every pair's infrared is warped by a random similarity (up to 20 px, 3 degrees, 5 %), both are cut so that no
border shows, and `register` has to find the warp again. The data sets' own pairs are off by some pixels, so there
are three figures of the corners' mean distance:

- `known`: from the warp alone, which also counts what the pairs are off by;
- `undone`: the same, where what the set's pairs are off by in common was taken out beforehand, as measured on
  other pairs by another method (native_offsets.py);
- `recovered`: from the warp after the pair's own registration, begun where the data set says that it is aligned.

What a pair has to be sure of was chosen on these pairs; `--held-out` measures on others, without `undone`. With
`--pictures FOLDER` the infrared's edges are drawn over some pairs' visible pictures, as they come and after their
own registration, to see by eye which of them lie on each other.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from native_offsets import common, offsets, undone

from calibration.report.blends import edge_overlay
from irvis.frame import Pixels
from irvis.geometry import Matrix
from irvis.registration import Registration, register
from irvis.registration.model import corner_distance_px

RESULTS = Path(__file__).parent / "results"
MARGIN_PX = 34
GOOD_PX = 1.5
LEARNT_FROM = 100
DRAWN = 4
"""Pairs of each set of which pictures are drawn."""
SETS = {"roadscene": "roadscene", "msrs/val": "msrs/train"}
"""Each set, and where pairs of the same cameras are."""
HELD_OUT = "roadscene", "msrs/train"
HELD_OUT_FROM = 2
"""The pair to begin with, so that none is met that anything was chosen on."""


class Warped(NamedTuple):
    """What `register` is given, and what it should say.

    Attributes:
        visible: (H, W).
        infrared: (H, W) as the data set has it.
        moved: (H, W) the infrared, warped.
        truth: (3, 3) vis_from_ir of the warp.
    """

    visible: Pixels
    infrared: Pixels
    moved: Pixels
    truth: Matrix


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


def warped(visible: Pixels, infrared: Pixels, warp: Matrix) -> Warped:
    """A pair with its infrared warped, all cut by the margin."""
    height, width = visible.shape
    moved = cv2.warpPerspective(infrared, np.linalg.inv(warp), (width, height))
    inner = slice(MARGIN_PX, height - MARGIN_PX), slice(MARGIN_PX, width - MARGIN_PX)
    cut = np.array([[1, 0, -MARGIN_PX], [0, 1, -MARGIN_PX], [0, 0, 1]], np.float64)
    there, here, away = (np.asarray(each[inner], np.uint8, order="C") for each in (visible, infrared, moved))
    return Warped(there, here, away, cut @ warp @ np.linalg.inv(cut))


def measure(data: Path, name: str, pairs: int, pictures: Path | None) -> dict[str, object]:
    """The figures of one data set."""
    every = sorted((data / name / "ir").iterdir())
    files = every[:: max(1, len(every) // pairs)][:pairs]
    others = [file for file in sorted((data / SETS[name] / "ir").iterdir()) if file not in files]
    field = common(offsets(*_read(file)) for file in others[:: max(1, len(others) // LEARNT_FROM)])
    rng = np.random.default_rng(0)
    rows = [_row(file, rng, field) for file in files]
    for file in files[:: max(1, len(files) // DRAWN)] if pictures else ():
        _draw(file, name.replace("/", "_"), pictures or Path())
    return {
        **_summary(rows),
        "undone_within_1.5_px": _share_good(rows, "undone"),
        "median_undone_px": _median(rows, "undone"),
        "rows": rows,
    }


def measure_held_out(data: Path, name: str, pairs: int) -> dict[str, object]:
    """The figures of pairs on which nothing was chosen."""
    every = sorted((data / name / "ir").iterdir())
    rng = np.random.default_rng(1)
    rows = [_row(file, rng) for file in every[HELD_OUT_FROM :: max(1, len(every) // pairs)][:pairs]]
    return {**_summary(rows), "rows": rows}


def _summary(rows: list[dict[str, object]]) -> dict[str, object]:
    wrong = np.array([row["recovered_px"] for row in rows], np.float64) > GOOD_PX
    sure, own_sure = (np.array([row[key] for row in rows], bool) for key in ("is_sure", "own_is_sure"))
    return {
        "pairs": len(rows),
        **{f"{kind}_within_1.5_px": _share_good(rows, kind) for kind in ("recovered", "known")},
        **{f"median_{kind}_px": _median(rows, kind) for kind in ("recovered", "known", "own")},
        "sure": float(sure.mean()),
        "sure_but_wrong": int((sure & wrong).sum()),
        "of_these_the_own_is_unsure": int((sure & wrong & ~own_sure).sum()),
        "wrong_and_said_so": int((~sure & wrong).sum()),
        "right_but_unsure": int((~sure & ~wrong).sum()),
    }


def _row(file: Path, rng: np.random.Generator, field: Matrix | None = None) -> dict[str, object]:
    visible, infrared = _read(file)
    warp = random_warp(rng, (visible.shape[1], visible.shape[0]))
    given = warped(visible, infrared, warp)
    size = given.visible.shape[1], given.visible.shape[0]

    def apart_px(found: Registration, truth: Matrix) -> float:
        return round(corner_distance_px(found.vis_from_ir, truth, size), 3)

    own = register(given.visible, given.infrared, start=np.eye(3))
    found = register(given.visible, given.moved)
    row: dict[str, object] = {
        "pair": file.stem,
        "known_px": apart_px(found, given.truth),
        "recovered_px": apart_px(found, own.vis_from_ir @ given.truth),
        "own_px": apart_px(own, np.eye(3)),
        "own_is_sure": own.is_sure,
        "spread_px": round(min(found.spread_px, 999.0), 3),
        "correlation": round(found.correlation, 3),
        "is_sure": found.is_sure,
    }
    if field is not None:
        straight = warped(visible, undone(infrared, field), warp)
        row["undone_px"] = apart_px(register(straight.visible, straight.moved), straight.truth)
    return row


def _draw(file: Path, name: str, folder: Path) -> None:
    """The infrared's edges over the visible: as the pair comes, and after its own registration beside it."""
    visible, infrared = _read(file)
    own = register(visible, infrared, start=np.eye(3)).vis_from_ir
    moved = np.asarray(
        cv2.warpPerspective(infrared, own, visible.shape[::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    folder.mkdir(parents=True, exist_ok=True)
    both = np.hstack([edge_overlay(visible, each) for each in (infrared, moved)])
    cv2.imwrite(str(folder / f"{name}_{file.stem}.png"), both)


def _read(file: Path) -> tuple[Pixels, Pixels]:
    visible = next((file.parents[1] / "vi").glob(f"{file.stem}.*"))
    both = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in (visible, file)]
    return np.asarray(both[0], np.uint8), np.asarray(both[1], np.uint8)


def _share_good(rows: list[dict[str, object]], kind: str) -> float:
    return float((np.array([row[f"{kind}_px"] for row in rows], np.float64) <= GOOD_PX).mean())


def _median(rows: list[dict[str, object]], kind: str) -> float:
    return round(float(np.median(np.array([row[f"{kind}_px"] for row in rows], np.float64))), 3)


def main() -> None:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    results = (
        {name: measure_held_out(arguments.data, name, arguments.pairs) for name in HELD_OUT}
        if arguments.held_out
        else {name: measure(arguments.data, name, arguments.pairs, arguments.pictures) for name in SETS}
    )
    out = arguments.out or RESULTS / f"registration{'_held_out' if arguments.held_out else ''}.json"
    out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for name, result in results.items():
        shown = {key: value for key, value in result.items() if key != "rows"}
        sys.stdout.write(f"{name}: {json.dumps(shown)}\n")


if __name__ == "__main__":
    main()
