"""What is left between the pictures of real recordings, over time: python benchmarks/residual_over_time.py DATA.

Draws the shift right (solid) and down (dashed) of every estimate that is sure as one SVG, DATA's recordings below
each other: the drone's videos and three sequences of M3SVD, as the sets have aligned them.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from calibration.latency.recordings import frames
from calibration.pairs import gray, list_pairs, read_picture
from irvis.colours import Tone, hex_of
from irvis.frame import Pixels
from irvis.registration import Residual, estimate_residual
from irvis.registration.residual import WIDTH_PX
from irvis.registration.structure import reduced

EVERY = 5
SURE = 0.3
WIDTH, ROW = 640, 150


def videos(folder: Path) -> Iterator[tuple[Pixels, Pixels]]:
    """Every few frames of a visible and an infrared video."""
    both = zip(*(frames(folder / f"{name}.mp4", 25.0) for name in ("visible", "infrared")), strict=False)
    for k, ((visible, _), (infrared, _)) in enumerate(both):
        if k % EVERY == 0:
            yield visible, infrared


def folders(folder: Path) -> Iterator[tuple[Pixels, Pixels]]:
    """All pairs of a sequence."""
    for pair in list_pairs(folder):
        yield gray(read_picture(pair.visible)), gray(read_picture(pair.infrared))


def estimated(pairs: Iterator[tuple[Pixels, Pixels]]) -> list[Residual]:
    """One estimate for each pair, from pictures as small as the fusion node's watch has them."""
    found = []
    for visible, infrared in pairs:
        small = reduced(visible, visible.shape[1] / WIDTH_PX)
        size = small.shape[1], small.shape[0]
        there = np.asarray(cv2.resize(infrared, size, interpolation=cv2.INTER_AREA), np.uint8)
        residual = estimate_residual(small, there)
        right, down = (visible.shape[1] / size[0] * value for value in residual.shift_px)
        found.append(replace(residual, shift_px=(right, down)))
    return found


def drawn(name: str, found: list[Residual], down: int) -> str:
    """One recording's lines, with its name and the largest shift [px]."""
    sure = [(k, each) for k, each in enumerate(found) if each.confidence >= SURE]
    most = max([1.0, *(abs(value) for _, each in sure for value in each.shift_px)])
    middle = down + ROW / 2 + 8
    parts = [
        f'<text x="8" y="{down + 16}">{name}: {len(sure)} of {len(found)} sure; '
        f"right solid, down dashed, up to {most:.1f} px</text>",
        f'<path d="M8 {middle}H{WIDTH - 8}" stroke="{hex_of(Tone.LINE.light)}"/>',
    ]
    for axis, dash in ((0, ""), (1, ' stroke-dasharray="5 4"')):
        points = [
            f"{8 + (WIDTH - 16) * k / max(len(found) - 1, 1):.1f},{middle - 60 * each.shift_px[axis] / most:.1f}"
            for k, each in sure
        ]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{hex_of(Tone.SUBJECT.light)}"{dash}/>'
        )
    return "".join(parts)


def main() -> None:
    """Estimate, draw, and print each recording's medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("residual.svg"))
    arguments = parser.parse_args()
    recordings = {"vtuav_bus": estimated(videos(arguments.data / "vtuav_bus"))}
    for folder in sorted((arguments.data / "m3svd").iterdir()):
        recordings[f"m3svd {folder.name}"] = estimated(folders(folder))
    rows = []
    for k, (name, found) in enumerate(recordings.items()):
        rows.append(drawn(name, found, k * ROW))
        shifts = np.array([each.shift_px for each in found if each.confidence >= SURE]).reshape(-1, 2)
        middle, spread = (np.median(shifts, axis=0), shifts.std(axis=0)) if len(shifts) else (np.nan, np.nan)
        sys.stdout.write(
            f"{name}: {len(shifts)} of {len(found)} sure, median {middle} px, deviation {spread} px\n"
        )
    size = f'viewBox="0 0 {WIDTH} {ROW * len(rows)}"'
    style = f'<rect width="100%" height="100%" fill="{hex_of(Tone.PAPER.light)}"/>'
    text = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">{style}'
    arguments.out.write_text(f"{text}{''.join(rows)}</svg>\n", encoding="utf-8")


if __name__ == "__main__":
    main()
