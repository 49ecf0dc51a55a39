"""`irvis calibrate capture`."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from cyclopts import Parameter
from rich.console import Console

from irvis.captions import Line, caption, paste, text_height_px
from irvis.config import load, parse_size
from irvis.errors import DataError
from irvis.frame import Modality, Pixels
from irvis.settings import PipelineConfig

from ..boards.target import Kind, Target
from ..collect import Collector, drawn
from ..eyes import watch

TITLE = "irvis calibrate: q quits"
QUIT = {ord("q"), 27}


def capture(
    config: Path,
    *,
    target: Kind,
    size: str,
    square_mm: float = 1.0,
    marker_mm: float = 0.0,
    gap_mm: float = 0.0,
    row_gap_mm: float | None = None,
    dictionary: str = "4X4_50",
    first_id: int = 0,
    out: Path = Path("pairs"),
    wanted: int = 20,
    headless: bool = False,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
) -> None:
    """Take pairs of a board by itself, until there are enough for `irvis calibrate solve`.

    Show the board to both cameras, keep it still, then move and tilt it. A pair is taken when both see the board,
    it keeps still and the view adds something. The window shows what each camera sees and what to do; the dark
    parts have not seen the board yet. Without a window the same is printed, # being what has seen it. It ends when
    there are pairs enough, by q in the window, or by Ctrl-C.

    Args:
        config: The system's YAML configuration: its cameras, or files or folders instead of them.
        target: What kind of board, see `irvis calibrate solve`.
        size: Its columns x rows.
        square_mm: Side of a square or a marker, or from circle to circle [mm].
        marker_mm: Side of a charuco board's markers [mm].
        gap_mm: Between the markers of an aruco board, in a row [mm].
        row_gap_mm: Between its rows [mm]; as in a row without.
        dictionary: Of the markers, as OpenCV names it without DICT_.
        first_id: The first marker's number.
        out: Folder for the pairs: ir/ and vi/.
        wanted: Pairs that are enough, where the board was all over both pictures.
        headless: Without a window; so it is where there is no screen.
        set_: Override a key of the configuration: --set infrared.device=2. Can be given several times.
    """
    settings = load(PipelineConfig, config, set_ or [])
    board = Target(target, *parse_size(size), square_mm, marker_mm, gap_mm, row_gap_mm, dictionary, first_id)
    if any((out / folder).is_dir() and any((out / folder).iterdir()) for folder in ("ir", "vi")):
        raise DataError(f"{out}: has pairs already; choose another --out, or take them away")
    collector = Collector(board, out, wanted)
    console = Console(highlight=False)
    shows = not headless and _has_screen()
    pairs = zip(watch(settings.visible, "visible"), watch(settings.infrared, "infrared"), strict=False)
    with suppress(KeyboardInterrupt):  # where there is no window to press q in
        _collect(collector, pairs, console, shows)
    shares = ", ".join(f"{each} {100 * cover.share:.0f} %" for each, cover in collector.coverage.items())
    console.print(f"{collector.kept} pairs in {out}; covered: {shares or 'nothing'}", soft_wrap=True)
    if not collector.kept:
        raise DataError(
            f"no pair was taken: {collector.said}; check the board's kind and size, and that it is seen by both"
        )
    if not collector.is_enough:
        console.print(
            f"fewer than {wanted}, or not all over the pictures: more make the rig better", soft_wrap=True
        )
    else:
        console.print(f"enough; next: irvis calibrate solve {out} {_options(board)}", soft_wrap=True)


def _collect(collector: Collector, pairs: Iterator[tuple[Pixels, Pixels]], console: Console, shows: bool) -> None:
    said, kept = "", 0
    for visible, infrared in pairs:
        seen = collector.take(visible, infrared)
        if collector.said != said or collector.kept > kept:
            said = collector.said
            console.print(f"{collector.kept:3d} pairs: {said}")
        if collector.kept > kept:
            kept = collector.kept
            console.print(_map(collector))
        if shows:
            both = [
                drawn(picture, seen[modality], collector.coverage[modality])
                for modality, picture in ((Modality.VISIBLE, visible), (Modality.INFRARED, infrared))
                if modality in collector.coverage
            ]
            cv2.imshow(TITLE, _beside(both, f"{collector.kept} pairs: {said}"))
            if cv2.pollKey() & 0xFF in QUIT:
                return
        if collector.is_enough:
            return


def _options(board: Target) -> str:
    """The board as options of `irvis calibrate solve`, MM standing for what it needs and was not told."""
    told = {"target": board.kind, "size": f"{board.columns}x{board.rows}"}
    told["square-mm"] = f"{board.square_mm:g}" if board.square_mm != 1 else "MM"
    if board.kind == "aruco":
        told["gap-mm"] = f"{board.gap_mm:g}" if board.gap_mm else "MM"
    for name in ("marker_mm", "row_gap_mm", "dictionary", "first_id"):
        if (value := getattr(board, name)) != getattr(Target, name):
            told[name.replace("_", "-")] = f"{value:g}" if isinstance(value, float) else str(value)
    return " ".join(f"--{name} {value}" for name, value in told.items())


def _map(collector: Collector) -> str:
    """Where each camera has seen the board, as text."""
    maps = [(modality, cover.rows()) for modality, cover in collector.coverage.items()]
    rows = zip(*(rows for _, rows in maps), strict=True)
    names = "  ".join(f"{modality:<8}" for modality, _ in maps)
    return "\n".join(
        f"           {line}" for line in [names, *("  ".join(f"{row:<8}" for row in each) for each in rows)]
    )


def _beside(pictures: list[Pixels], text: str) -> Pixels:
    """Pictures side by side, as high as the highest, with a line of text over them; (H, W, 3)."""
    height = max(picture.shape[0] for picture in pictures)
    scaled = [cv2.resize(each, (round(each.shape[1] * height / each.shape[0]), height)) for each in pictures]
    both = np.asarray(np.hstack(scaled), np.uint8)
    paste(both, caption((Line(text),), 2 * text_height_px(height)))
    return both


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
