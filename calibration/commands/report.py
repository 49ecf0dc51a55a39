"""`irvis calibrate report`."""

from pathlib import Path

from rich.console import Console

from irvis.rig import load_rig

from ..pairs import PairFiles, list_pairs
from ..report import page
from ..views import load_views


def report(
    rig: Path,
    *,
    pairs: Path | None = None,
    visible: str | None = None,
    infrared: str | None = None,
    out: Path | None = None,
) -> None:
    """Show how good a rig is: errors by view and corner, coverage, parallax, and pictures laid on each other.

    Args:
        rig: rig.yaml; what `irvis calibrate solve` put beside it is read as well.
        pairs: Folder of pairs to show instead of those that the rig was made from.
        visible: Pattern with one star of the visible files, see `irvis calibrate solve`.
        infrared: The same of the infrared files.
        out: The page, one HTML file; beside the rig without.
    """
    views = load_views(rig)
    if pairs:
        shown = list_pairs(pairs, visible, infrared)
    else:
        used = views.used() if views else []
        files = [PairFiles(view.name, Path(view.visible_path), Path(view.infrared_path)) for view in used]
        shown = [pair for pair in files if pair.visible.exists() and pair.infrared.exists()]
    place = out or rig.with_suffix(".html")
    page.write(place, load_rig(rig), rig.name, views, shown)
    Console(highlight=False).print(f"{place}: the report", soft_wrap=True)
