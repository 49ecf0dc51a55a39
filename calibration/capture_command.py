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

from irvis.config import load, parse_size
from irvis.errors import DataError
from irvis.frame import Modality, Pixels
from irvis.settings import PipelineConfig

from .collect import Collector, drawn
from .eyes import watch
from .target import Kind, Target

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
    it keeps still and the view adds something. The window shows what each camera sees; the dark parts have not
    seen the board yet. It ends when there are pairs enough, by q in the window, or by Ctrl-C.

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
        console.print(f"fewer than {wanted}, or not all over the pictures: more make the rig better")


def _collect(collector: Collector, pairs: Iterator[tuple[Pixels, Pixels]], console: Console, shows: bool) -> None:
    said = ""
    for visible, infrared in pairs:
        seen = collector.take(visible, infrared)
        if collector.said != said:
            said = collector.said
            console.print(f"{collector.kept:3d} pairs: {said}")
        if shows:
            both = [
                drawn(picture, seen[modality], collector.coverage[modality])
                for modality, picture in ((Modality.VISIBLE, visible), (Modality.INFRARED, infrared))
                if modality in collector.coverage
            ]
            height = max(picture.shape[0] for picture in both)
            scaled = [cv2.resize(each, (round(each.shape[1] * height / each.shape[0]), height)) for each in both]
            cv2.imshow(TITLE, np.hstack(scaled))
            if cv2.pollKey() & 0xFF in QUIT:
                return
        if collector.is_enough:
            return


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
