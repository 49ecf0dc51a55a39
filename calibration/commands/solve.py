"""`irvis calibrate solve`."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import track
from rich.table import Table

from irvis.config import parse_size
from irvis.rig import save_rig

from .. import solve as solving
from ..boards.target import Kind, Target
from ..doubts import INSTEAD, doubts
from ..pairs import list_pairs
from ..residuals import within_views_rms_px
from ..views import Views, find_views, save_views

PIPED_WIDTH = 100


def solve(
    pairs: Path,
    *,
    target: Kind,
    size: str,
    square_mm: float,
    marker_mm: float = 0.0,
    gap_mm: float = 0.0,
    row_gap_mm: float | None = None,
    dictionary: str = "4X4_50",
    first_id: int = 0,
    visible: str | None = None,
    infrared: str | None = None,
    plane_m: float | None = None,
    out: Annotated[Path, Parameter(name="--out")] = Path("rig.yaml"),
) -> None:
    """Solve for both lenses and the pose between the cameras, from pictures of a board.

    Infrared pictures may come as they are: inverted, in false colours, of 16 bits, small or blurred. Views that
    don't fit are left out and named. Beside the rig goes what it stands on, for `irvis calibrate report`.

    Args:
        pairs: Folder with ir/ and vi/ and files of the same names, or with everything, see `visible`.
        target: What kind of board.
        size: Columns x rows: of markers, of squares (charuco), of inner corners (chessboard) or of circles.
        square_mm: Side of a square or a marker, or from circle to circle [mm]; of acircles, half of that along
            a row.
        marker_mm: Side of a charuco board's markers [mm].
        gap_mm: Between the markers of an aruco board, in a row [mm]; has to be given for those.
        row_gap_mm: Between its rows [mm]; as in a row without.
        dictionary: Of the markers, as OpenCV names it without DICT_.
        first_id: The first marker's number.
        visible: Pattern with one star of the visible files where all are in one folder, for example '*_1.png'.
        infrared: The same of the infrared files.
        plane_m: Distance at which the pictures shall lie on each other [m]; the median board's without.
        out: Where the rig goes.
    """
    board = Target(target, *parse_size(size), square_mm, marker_mm, gap_mm, row_gap_mm, dictionary, first_id)
    board.check_measured()
    files = list_pairs(pairs, visible, infrared)
    console = Console(highlight=False) if sys.stdout.isatty() else Console(width=PIPED_WIDTH, highlight=False)
    views = find_views(track(files, "looking for the board", console=console, transient=True), board)
    console.print(found_table(views), "")
    solution = solving.solve(views, plane_m)
    save_rig(solution.rig, out)
    save_views(views, out)
    for name, reason in sorted(solution.rejected.items()):
        console.print(f"left out {name}: {reason}")
    pose = solution.rig.ir_from_vis
    baseline_mm = 1000 * pose.baseline_m if pose else 0.0
    console.print(
        f"visible  {solution.visible.rms_px:.2f} px RMS, focal length {solution.visible.K[0, 0]:.0f} px\n"
        f"infrared {solution.infrared.rms_px:.2f} px RMS, focal length {solution.infrared.K[0, 0]:.0f} px\n"
        f"both     {solution.stereo_rms_px:.2f} px RMS, baseline {baseline_mm:.1f} mm, "
        f"exact at {solution.rig.plane_m:.2f} m"
    )
    console.print(f"homography within a view: {within_views_rms_px(views):.2f} px, leave-one-out RMS")
    doubtful = doubts(solution, views)
    for doubt in doubtful:
        console.print(f"[yellow]doubtful[/]: {doubt}", soft_wrap=True)
    if doubtful:
        console.print(f"this rig is not to be trusted: {INSTEAD}", soft_wrap=True)
    console.print(f"{out}: rig {solution.rig.id}; look at it: irvis calibrate report {out}", soft_wrap=True)


def found_table(views: Views) -> Table:
    """What was seen in each pair, and how."""
    table = Table("pair", "visible", "looked at", "infrared", "looked at", "both", box=None)
    for view in views.views:
        cells = []
        for seen in (view.visible, view.infrared):
            cells += [str(len(seen.ids)), seen.look] if seen else ["-", ""]
        table.add_row(view.name, *cells, str(len(view.both()[0])))
    return table
