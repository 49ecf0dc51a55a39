"""The report's drawings as SVG: errors by view, errors and coverage over the picture, parallax over distance."""

from collections.abc import Sequence
from html import escape

import numpy as np

from irvis.geometry import Matrix, parallax_px

WIDTH, ROW = 420, 20
LONG_SHARE = 0.03
"""Of the picture's width: about how long the larger errors are drawn."""
STEPS = 1, 2, 5


def bars(rows: Sequence[tuple[str, Sequence[float]]], roles: Sequence[str] = ("other", "subject")) -> str:
    """Bars for each view [px], one for each of its values, in the colours of their roles."""
    most = max([value for _, values in rows for value in values if np.isfinite(value)], default=1.0) or 1.0
    height = ROW * len(rows) + 6
    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="error by view">']
    for k, (name, values) in enumerate(rows):
        y = ROW * k + 4
        parts.append(f'<text class="name" x="90" y="{y + 11}">{escape(name)}</text>')
        thick = 13 / len(values)
        for down, (value, role) in enumerate(zip(values, roles, strict=False)):
            wide = max(1.0, 225 * value / most)
            parts.append(
                f'<rect class="{role}" fill="var(--hue)" x="98" y="{y + down * thick:.1f}" width="{wide:.1f}" '
                f'height="{thick - 0.8:.1f}"/>'
            )
        shown = " / ".join(f"{value:.2f}" for value in values)
        parts.append(f'<text class="figure" x="{WIDTH}" y="{y + 11}">{shown}</text>')
    return "".join([*parts, "</svg>"])


def magnified(errors: Sequence[Matrix], width: int) -> int:
    """How many times as long as they are errors (N, 2) [px] should be drawn in a picture of this width [px].

    Example:
        >>> magnified([np.array([[0.3, 0.4]])], 640)
        20
    """
    lengths = np.linalg.norm(np.concatenate([*errors, np.zeros((1, 2))]), axis=1)
    wanted = LONG_SHARE * width / max(float(np.percentile(lengths, 95)), 1e-6)
    return max((step * 10**k for k in range(4) for step in STEPS if step * 10**k <= wanted), default=1)


def coverage(
    size: tuple[int, int], points: Sequence[Matrix], errors: Sequence[Matrix], role: str, times: int
) -> str:
    """Where the board's points were in a camera's picture, with their errors as lines, `times` as long."""
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
                f"M{x:.1f} {y:.1f}l{times * dx:.2f} {times * dy:.2f}"
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
    for distance_m in _round_numbers(float(distances[0]), float(distances[-1])):
        parts.append(f'<path class="grid" d="M{x(distance_m):.1f} 8V{bottom}"/>')
        parts.append(f'<text class="tick" x="{x(distance_m):.1f}" y="{bottom + 15}">{distance_m:g} m</text>')
    step_px = _round_numbers(top / 5, top)[0]
    for off_px in np.arange(0, top, step_px):
        parts.append(f'<path class="grid" d="M{left} {y(off_px):.1f}H{right}"/>')
        parts.append(f'<text class="figure" x="{left - 5}" y="{y(off_px) + 4:.1f}">{off_px:g} px</text>')
    shown = [(x(float(z)), y(float(off))) for z, off in zip(distances, curve, strict=True) if off <= top]
    line = "".join(f"{'ML'[k > 0]}{across:.1f} {down:.1f}" for k, (across, down) in enumerate(shown))
    parts.append(f'<path class="subject" d="{line}" fill="none" stroke="var(--hue)" stroke-width="2"/>')
    for distance_m, off_px in measured:
        parts.append(
            f'<circle class="other" cx="{x(distance_m):.1f}" cy="{y(off_px):.1f}" r="4" fill="var(--hue)"/>'
        )
    return "".join([*parts, "</svg>"])


def _round_numbers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten, from low to high, of which there has to be one."""
    numbers = [float(f"{step}e{k}") for k in range(-6, 7) for step in STEPS]
    return [number for number in numbers if low <= number <= high]
