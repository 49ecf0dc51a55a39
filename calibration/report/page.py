"""The calibration's page: one HTML file with everything in it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from irvis.errors import DataError
from irvis.page import style
from irvis.rig import Rig

from ..pairs import PairFiles, gray, read_picture
from ..residuals import ViewResiduals, residuals, rms, within_views_rms_px
from ..views import Views
from . import blends, charts

MOST_PAIRS = 6
WIDE = ".panels { grid-template-columns: repeat(auto-fit, minmax(330px, 1fr)); }"
"""Two pictures take the whole width."""


def write(out: Path, rig: Rig, name: str, views: Views | None, pairs: Sequence[PairFiles]) -> None:
    """Write the page.

    Args:
        out: The HTML file.
        rig: What to report on.
        name: The rig file's.
        views: What it was solved from, if that is known.
        pairs: Pictures to lay on each other; the first few are shown.

    Raises:
        DataError: A picture can't be read, or the page can't be written.
    """
    found = residuals(rig, views) if views else []
    parts = [_headlines(rig, found, views)]
    if views and found:
        parts += [_errors(rig, found), _coverage(views, found), _left_out(views)]
    parts += [_parallax(rig, found), _pictures(rig, _spread(pairs), found)]
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(name)}</title>
<link rel="icon" href="data:,">
<style>{style()}{WIDE}</style>
</head>
<body>
<header><p class="kicker">irvis · calibration · rig {rig.id}</p><h1>{escape(name)}</h1>
<ul class="outputs"><li class="other"><b>visible</b> {_camera(rig.visible.size, rig.visible.K)}</li>
<li class="subject"><b>infrared</b> {_camera(rig.infrared.size, rig.infrared.K)}</li></ul></header>
<main>{"".join(parts)}</main>
</body>
</html>
"""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise DataError(f"{out}: can't be written ({exc}); choose another place") from exc


def _camera(size: tuple[int, int], K: list[list[float]] | None) -> str:
    return f"{size[0]}x{size[1]}" + (f", focal length {K[0][0]:.0f} px" if K else ", lens not known")


def _headlines(rig: Rig, found: list[ViewResiduals], views: Views | None) -> str:
    cells = []
    if found and rig.ir_from_vis:
        visible = rms(np.concatenate([view.visible for view in found]))
        infrared = rms(np.concatenate([view.infrared for view in found]))
        epipolar = rms(np.concatenate([view.epipolar_px for view in found]))
        x, y, z = (1000 * value for value in rig.ir_from_vis.translation_m)
        turn, _ = cv2.Rodrigues(np.array(rig.ir_from_vis.rotation))
        cells += [
            ("reprojection, visible", f"{visible:.2f} px", "RMS over all points"),
            ("reprojection, infrared", f"{infrared:.2f} px", "RMS, in infrared pixels"),
            ("epipolar", f"{epipolar:.2f} px", "RMS distance from the line, visible px"),
            ("baseline", f"{1000 * rig.ir_from_vis.baseline_m:.1f} mm", f"x {x:.1f}, y {y:.1f}, z {z:.1f} mm"),
            ("turned", f"{np.degrees(np.linalg.norm(turn)):.2f}°", "infrared against visible"),
        ]
    elif found:
        off = rms(np.concatenate([view.aligned for view in found]))
        cells.append(("points off", f"{off:.2f} px", "RMS on the visible, all views"))
    if views and found:
        alone = within_views_rms_px(views)
        cells.append(("homography in a view", f"{alone:.2f} px", "leave-one-out RMS, visible px"))
    if rig.plane_m:
        cells.append(("exact at", f"{rig.plane_m:.2f} m", "nearer and farther things are off"))
    if views:
        cells.append(("views", f"{len(views.used())} of {len(views.views)}", "used, of all pairs"))
    drawn = "".join(
        f'<div class="headline"><span class="column">{escape(what)}</span>'
        f'<span class="value">{escape(value).replace(" ", "&nbsp;")}</span>'
        f'<span class="rival">{escape(meaning)}</span></div>'
        for what, value, meaning in cells
    )
    return f'<section class="headlines">{drawn}</section>'


def _errors(rig: Rig, found: list[ViewResiduals]) -> str:
    rows: list[tuple[str, list[float]]]
    if rig.ir_from_vis:
        rows = [(view.name, [rms(view.visible), rms(view.infrared)]) for view in found]
        drawn = _figure("Reprojection by view", "visible above, infrared below; RMS px", charts.bars(rows))
        rows = [(view.name, [rms(view.epipolar_px)]) for view in found]
        note = "distance of the visible's points from the infrared's lines; RMS visible px"
        drawn += _figure("Epipolar error by view", note, charts.bars(rows))
        rows = [(view.name, [rms(view.aligned)]) for view in found]
        note = "of the board in the fused picture: the parallax of where it was held; RMS visible px"
        drawn += _figure("Misalignment by view", note, charts.bars(rows, ["subject"]))
    else:
        rows = [(view.name, [rms(view.aligned), float(np.abs(view.aligned).max())]) for view in found]
        drawn = _figure("Misalignment by view", "RMS above, worst below; visible px", charts.bars(rows))
    return f'<section><h2>Errors</h2><div class="plots">{drawn}</div></section>'


def _coverage(views: Views, found: list[ViewResiduals]) -> str:
    used = views.used()
    drawn = ""
    for camera, size, role in (
        ("visible", views.visible_size, "other"),
        ("infrared", views.infrared_size, "subject"),
    ):
        points = [getattr(view, camera).places() for view in used]
        errors = [getattr(view, camera) for view in found]
        times = charts.magnified(errors, size[0])
        lines = f"; lines are reprojection errors, {times} times as long" if any(map(len, errors)) else ""
        plot = charts.coverage(size, points, errors, role, times)
        drawn += _figure(f"Coverage, {camera}", f"all points{lines}", plot)
    return f'<section><h2>Coverage</h2><div class="plots">{drawn}</div></section>'


def _left_out(views: Views) -> str:
    rows = []
    for view in views.views:
        if view.visible and view.infrared and not view.rejected:
            continue
        unseen = [camera for camera in ("visible", "infrared") if getattr(view, camera) is None]
        reason = view.rejected or f"the board was not seen by the {' and the '.join(unseen)} camera"
        rows.append(f'<p class="facts"><b>{escape(view.name)}</b>{escape(reason)}</p>')
    if not rows:
        return ""
    return f"<section><h2>Left out</h2>{''.join(rows)}</section>"


def _parallax(rig: Rig, found: list[ViewResiduals]) -> str:
    if rig.ir_from_vis is None or rig.plane_m is None:
        return (
            '<section><h2>Parallax</h2><p class="note">One homography, no lenses: pictures lie on each other at '
            "one distance only, and how far they are off elsewhere is not known.</p></section>"
        )
    measured = [
        (view.distance_m, float(np.linalg.norm(view.aligned.mean(axis=0)))) for view in found if view.distance_m
    ]
    drawn = charts.parallax(rig.visible.intrinsics()[0, 0], rig.ir_from_vis.baseline_m, rig.plane_m, measured)
    note = (
        "f B |1/Z - 1/Z0|: how far a thing at distance Z is off where the pictures are aligned for Z0 = "
        f"{rig.plane_m:.2f} m; dots are the views"
    )
    return (
        f'<section><h2>Parallax</h2><div class="plots">{_figure("Off by distance", note, drawn)}</div></section>'
    )


def _pictures(rig: Rig, pairs: Sequence[PairFiles], found: list[ViewResiduals]) -> str:
    boards = {view.name: view for view in found}
    articles = []
    for pair in pairs:
        visible, infrared = gray(read_picture(pair.visible)), gray(read_picture(pair.infrared))
        there = blends.aligned(rig, infrared, (visible.shape[1], visible.shape[0]))
        shown = "".join(
            f'<figure><img src="{blends.embedded(picture)}" alt="{caption}">'
            f"<figcaption>{caption}</figcaption></figure>"
            for caption, picture in (
                ("tiles of both in turn: edges should run on", blends.checkerboard(visible, there)),
                ("infrared edges over the visible", blends.edge_overlay(visible, there)),
            )
        )
        title = escape(pair.name) + (_off(boards[pair.name]) if pair.name in boards else "")
        articles.append(f'<article><h3>{title}</h3><div class="panels">{shown}</div></article>')
    if not articles:
        return ""
    note = '<p class="note">As the fusion node aligns them; black is what the infrared camera does not see.</p>'
    return f"<section><h2>Pictures</h2>{note}{''.join(articles)}</section>"


def _off(view: ViewResiduals) -> str:
    there = f"board at {view.distance_m:.2f} m, off" if view.distance_m else "board off"
    return f"<small>{there} by {rms(view.aligned):.1f} px</small>"


def _figure(title: str, note: str, svg: str) -> str:
    return f'<figure class="plot"><figcaption><b>{escape(title)}</b> {escape(note)}</figcaption>{svg}</figure>'


def _spread(pairs: Sequence[PairFiles]) -> list[PairFiles]:
    """A few of the pairs, from first to last."""
    if len(pairs) <= MOST_PAIRS:
        return list(pairs)
    return [pairs[round(k)] for k in np.linspace(0, len(pairs) - 1, MOST_PAIRS)]
