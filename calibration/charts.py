"""The report's drawings as SVG: errors by view, errors and coverage over the picture, parallax over distance."""

from collections.abc import Sequence
from html import escape

import numpy as np

from irvis.geometry import Matrix, parallax_px

WIDTH, ROW = 420, 20
ARROW = 10
"""How much longer than they are errors are drawn."""


def bars(rows: Sequence[tuple[str, float, float]]) -> str:
    """Two bars for each view: visible and infrared error [px]."""
    most = max([value for _, *both in rows for value in both if np.isfinite(value)], default=1.0) or 1.0
    height = ROW * len(rows) + 6
    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="error by view">']
    for k, (name, visible, infrared) in enumerate(rows):
        y = ROW * k + 4
        parts.append(f'<text class="name" x="90" y="{y + 11}">{escape(name)}</text>')
        for value, role, down in ((visible, "other", 0), (infrared, "subject", 7)):
            wide = max(1.0, 225 * value / most)
            parts.append(
                f'<rect class="{role}" fill="var(--hue)" x="98" y="{y + down}" width="{wide:.1f}" height="6"/>'
            )
        parts.append(f'<text class="figure" x="{WIDTH}" y="{y + 11}">{visible:.2f} / {infrared:.2f}</text>')
    return "".join([*parts, "</svg>"])


def coverage(size: tuple[int, int], points: Sequence[Matrix], errors: Sequence[Matrix], role: str) -> str:
    """Where the board's points were in a camera's picture, with their errors as lines, `ARROW` times as long."""
    width, height = size
    thick = width / 200
    parts = [
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="coverage" class="{role}">'
        f'<rect width="{width}" height="{height}" fill="none" stroke="var(--line)" stroke-width="{thick:.2f}"/>'
    ]
    for places, off in zip(points, errors, strict=True):
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)
        parts.append(f'<path class="dots" d="{dots}" style="stroke-width:{2.2 * thick:.2f}"/>')
        if len(off) == len(places):
            lines = "".join(
                f"M{x:.1f} {y:.1f}l{ARROW * dx:.1f} {ARROW * dy:.1f}"
                for (x, y), (dx, dy) in zip(places, off, strict=True)
            )
            parts.append(f'<path d="{lines}" stroke="var(--ink)" fill="none" stroke-width="{0.6 * thick:.2f}"/>')
    return "".join([*parts, "</svg>"])


def parallax(focal_px: float, baseline_m: float, plane_m: float, measured: Sequence[tuple[float, float]]) -> str:
    """Misalignment [px] against distance [m] on a logarithmic axis, with what the views show as dots.

    Args:
        focal_px: Of the visible camera.
        baseline_m: Between the cameras.
        plane_m: Where the pictures lie on each other.
        measured: Distance [m] and misalignment [px] of the views.
    """
    distances = np.geomspace(plane_m / 4, plane_m * 16, 120)
    curve = np.array([parallax_px(focal_px, baseline_m, float(z), plane_m) for z in distances])
    top = float(max(curve[-1] * 1.5, curve[20], *(off for _, off in measured), 1.0))
    left, right, bottom = 40, WIDTH - 24, 170

    def x(distance_m: float) -> float:
        return float(
            left + (right - left) * np.log(distance_m / distances[0]) / np.log(distances[-1] / distances[0])
        )

    def y(off_px: float) -> float:
        return bottom - (bottom - 8) * min(off_px / top, 1.0)

    parts = [f'<svg viewBox="0 0 {WIDTH} 200" role="img" aria-label="parallax against distance">']
    for factor in (0.25, 0.5, 1, 2, 4, 8, 16):
        parts.append(f'<path class="grid" d="M{x(factor * plane_m):.1f} 8V{bottom}"/>')
        parts.append(
            f'<text class="tick" x="{x(factor * plane_m):.1f}" y="{bottom + 15}">{factor * plane_m:.3g} m</text>'
        )
    for part in (0.0, 0.5, 1.0):
        parts.append(f'<path class="grid" d="M{left} {y(part * top):.1f}H{right}"/>')
        parts.append(f'<text class="figure" x="{left - 5}" y="{y(part * top) + 4:.1f}">{part * top:.3g}</text>')
    shown = [(x(float(z)), y(float(off))) for z, off in zip(distances, curve, strict=True) if off <= top]
    line = "".join(f"{'ML'[k > 0]}{across:.1f} {down:.1f}" for k, (across, down) in enumerate(shown))
    parts.append(f'<path class="subject" d="{line}" fill="none" stroke="var(--hue)" stroke-width="2"/>')
    for distance_m, off_px in measured:
        parts.append(
            f'<circle class="other" cx="{x(distance_m):.1f}" cy="{y(off_px):.1f}" r="4" fill="var(--hue)"/>'
        )
    return "".join([*parts, "</svg>"])
