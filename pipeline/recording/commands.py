"""`irvis info`, `irvis recover` and `irvis export-frames`: what is done with recordings."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
from rich.table import Table

from irvis.console import console, progress
from irvis.errors import ConfigError, RecordingError
from irvis.frame import Pixels

from ..storage.mp4 import describe, remux
from ..storage.writers import PictureWriter, PngFolder, VideoWriter
from . import recover as recovery
from .channels import CONTRACT
from .reader import Recording, Stamped
from .summary import FusionFacts, channel_facts, fusion_facts

BAR = 40
ExportedTopic = Literal["visible", "infrared", "infrared/counts", "fused", "labels"]


def info(recordings: list[Path], /) -> None:
    """Show what a recording holds: topics, rates, gaps, skews, infrared states, drops and engines.

    Args:
        recordings: An MCAP file, the parts of one or their folder; or MP4 files.
    """
    if all(path.suffix.lower() == ".mp4" for path in recordings):
        for path in recordings:
            _say(describe(path))
        return
    with Recording(*recordings) as opened:
        files = ", ".join(map(str, recordings))
        _say(f"{files}: {opened.duration_s:.1f} s, {opened.size_bytes / 1e6:.1f} MB")
        console().print(_channels(opened), highlight=False)
        if total := opened.counts.get(CONTRACT):
            with progress() as shown:
                facts = fusion_facts(shown.track(opened.contracts(), total, description="reading"))
            _say_fusion(facts)


def recover(recording: Path, /, *, out: Path | None = None) -> None:
    """Make a recording whole that a crash cut off; the file itself is not touched.

    All frames come back that had reached the disk: those up to about a second before the crash.

    Args:
        recording: An MCAP or MP4 file that was never closed.
        out: The file to write; RECORDING with `-recovered` at its name's end without.
    """
    target = out or recording.with_stem(f"{recording.stem}-recovered")
    if target.exists():
        raise RecordingError(f"{target} is there already; choose another file with --out")
    with ExitStack() as undo:
        undo.callback(target.unlink, missing_ok=True)
        with progress() as shown:
            if recording.suffix.lower() == ".mp4":
                said = f"{remux(recording, target, shown)} frames"
            else:
                found = recovery.recover(recording, target, shown)
                damaged = f", {found.damaged_chunks} damaged chunks left out" if found.damaged_chunks else ""
                said = f"{found.messages} messages{damaged}"
        undo.pop_all()
    _say(f"{target}: {said}")


def export_frames(recordings: list[Path], /, *, out: Path, topic: ExportedTopic = "fused") -> None:
    """Write the frames of one topic of an MCAP recording as PNG files or as a video.

    Args:
        recordings: An MCAP file, the parts of one or their folder.
        out: A folder for PNG files, named by the frames' numbers, or an .mp4 file.
        topic: Which; infrared/counts are 16-bit PNG files, labels 8-bit ones of class ids.
    """
    to_video = out.suffix.lower() == ".mp4"
    if to_video and topic in ("infrared/counts", "labels"):
        raise ConfigError(f"{out}: a video can't keep {topic}; expected a folder for PNG files")
    with Recording(*recordings) as opened:
        total = opened.counts.get(f"/{topic}", 0)
        if not total:
            there = ", ".join(each for each in get_args(ExportedTopic) if opened.counts.get(f"/{each}"))
            raise RecordingError(f"{recordings[0]}: no {topic}; expected one of those in it: {there or 'none'}")
        writer: PictureWriter = VideoWriter(out) if to_video else PngFolder(out)
        with closing(writer), progress() as shown:
            images = shown.track(opened.images(f"/{topic}"), total, description="exporting")
            written = sum(_written(writer, images, to_video))
    _say(f"{written} frames of {topic} into {out}")


def _written(writer: PictureWriter, images: Iterable[Stamped], to_video: bool) -> Iterator[int]:
    for stamped in images:
        pixels = stamped.image
        if to_video and pixels.ndim == 2:
            pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
        picture: Pixels = pixels  # type: ignore[assignment]  # PNG takes 16 bits too
        writer.write(picture, f"{stamped.seq:06d}", stamped.stamp_ns)
        yield 1


def _channels(recording: Recording) -> Table:
    table = Table("topic", "messages", "rate", "gaps", "longest gap", "schema", box=None, pad_edge=False)
    for channel in recording.counts:
        facts = channel_facts(recording, channel)
        table.add_row(
            facts.name,
            str(facts.messages),
            f"{facts.rate_hz:.2f} Hz" if facts.rate_hz else "",
            str(facts.gaps),
            f"{facts.longest_gap_ms:.0f} ms" if facts.longest_gap_ms else "",
            facts.schema,
        )
    return table


def _say_fusion(facts: FusionFacts) -> None:
    _say("\nskew, infrared minus visible")
    most = max((count for _, _, count in facts.skews), default=0)
    for low, high, count in facts.skews:
        bar = "█" * round(BAR * count / most)
        _say(f"{low:8.2f} to {high:7.2f} ms {count:7d} {bar}")
    states = ", ".join(f"{state} {count}" for state, count in facts.states.items())
    dropped = ", ".join(f"{reason} {count}" for reason, count in facts.dropped.items())
    _say(f"infrared: {states}")
    _say(f"dropped while recording: {dropped or 'nothing'}")
    _say(f"engine: {', '.join(facts.engines)}")


def _say(text: str) -> None:
    console().print(text, highlight=False, markup=False, soft_wrap=True)
