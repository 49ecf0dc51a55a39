"""`irvis calibrate register`."""

import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from irvis.config import parse_size
from irvis.errors import ConfigError
from irvis.registration import Model
from irvis.rig import CameraModel, Rig, save_rig

from .. import register as registering
from ..boards.target import Kind, Target
from ..pairs import list_pairs
from ..register import Method, Registered
from ..residuals import within_views_rms_px
from ..views import Views, find_views, save_views

PIPED_WIDTH = 100


def register(
    pairs: Path | None = None,
    *,
    method: Method = "images",
    model: Model | None = None,
    points: Path | None = None,
    visible_size: str | None = None,
    infrared_size: str | None = None,
    target: Kind = "aruco",
    size: str | None = None,
    marker_share: float = 0.75,
    dictionary: str = "4X4_50",
    first_id: int = 0,
    visible: str | None = None,
    infrared: str | None = None,
    plane_m: float | None = None,
    out: Path = Path("rig.yaml"),
) -> None:
    """Find one homography between the cameras, where their lenses can't be solved for.

    It is exact at one distance only: things nearer or farther are off by the parallax. It needs no board: `images`
    looks at the directions of edges, which both cameras share, in all pairs together, and says so when it can't
    tell; `features` matches SIFT features; `points` takes a file of points marked by hand, visible x, y, infrared
    x, y in pixels, one to a line; `board` takes one view or more of a board.

    Args:
        pairs: Folder with ir/ and vi/ and files of the same names, or with everything, see `visible`.
        method: images, features, points or board.
        model: shift, shift_scale, similarity, affine or homography; a similarity without, for points and boards a
            homography.
        points: CSV file of the marked points.
        visible_size: Of the visible pictures, where points come without pairs: WIDTHxHEIGHT.
        infrared_size: Of the infrared pictures.
        target: Kind of the board.
        size: The board's columns x rows, see `irvis calibrate solve`.
        marker_share: Side of a charuco board's markers, of its squares' side.
        dictionary: Of the board's markers.
        first_id: The board's first marker.
        visible: Pattern with one star of the visible files where all are in one folder, for example '*_1.png'.
        infrared: The same of the infrared files.
        plane_m: Distance of what was registered [m], to be kept in the rig.
        out: Where the rig goes.
    """
    console = Console(highlight=False) if sys.stdout.isatty() else Console(width=PIPED_WIDTH, highlight=False)
    views: Views | None = None
    if method == "points":
        if points is None or visible_size is None or infrared_size is None:
            raise ConfigError(
                "--method points: expected --points FILE.csv, --visible-size and --infrared-size, "
                "for example 640x480"
            )
        sizes = parse_size(visible_size), parse_size(infrared_size)
        found = registering.from_points(points, *sizes, model or "homography")
    elif pairs is None:
        raise ConfigError(f"--method {method}: expected a folder of pairs; `irvis calibrate register --help`")
    elif method == "board":
        if size is None:
            raise ConfigError("--method board: expected the board's --size, for example 5x4")
        if not 0 < marker_share < 1:
            raise ConfigError(f"--marker-share {marker_share:g}: expected a share of the square's side, like 0.75")
        board = Target(
            target,
            *parse_size(size),
            square_mm=1.0,
            marker_mm=marker_share,
            dictionary=dictionary,
            first_id=first_id,
        )
        files = list_pairs(pairs, visible, infrared)
        views = find_views(track(files, "looking for the board", console=console, transient=True), board)
        found = registering.from_board(views, model or "homography")
    else:
        files = list_pairs(pairs, visible, infrared)
        look = registering.from_images if method == "images" else registering.from_features
        found = look(
            files,
            model or "similarity",
            partial(track, description="registering", console=console, transient=True),
        )
    save_rig(_rig(found, plane_m), out)
    if views:
        save_views(views, out)
    console.print(f"{found.used}; {found.error_is}: {found.error_px:.2f} px", soft_wrap=True)
    if found.doubt:
        console.print(f"[yellow]doubtful[/]: {found.doubt}", soft_wrap=True)
    if views:
        console.print(f"homography within a view: {within_views_rms_px(views):.2f} px, leave-one-out RMS")
    console.print(f"{out}: the rig; look at it: irvis calibrate report {out}", soft_wrap=True)


def _rig(found: Registered, plane_m: float | None) -> Rig:
    visible, infrared = (CameraModel(width=w, height=h) for w, h in (found.visible_size, found.infrared_size))
    matrix = (found.vis_from_ir / found.vis_from_ir[2, 2]).tolist()
    return Rig(visible=visible, infrared=infrared, vis_from_ir=matrix, plane_m=plane_m)
