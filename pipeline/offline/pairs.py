"""Pairs from files, offline: videos matched by time, image folders by stem, or two images."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from irvis.errors import ConfigError
from irvis.frame import Frame, FramePair, InfraredState, Modality
from irvis.settings import FileSource, FolderSource, Sync
from irvis.timing import DropCounter

from ..fusion.sync import PairSync
from ..sources import Image, Source, open_source
from ..sources.folder import is_image, list_images

FURTHEST_MS = 250.0
"""How far the nearest infrared frame of a video may be from a visible one [ms]."""
SHOWN_STEMS = 5
FOLDER, IMAGE, VIDEO = "a folder", "an image", "a video"


class FilePair(NamedTuple):
    """A pair and what to call it: the stem of an image, the number of a video's frame."""

    name: str
    pair: FramePair


class FilePairs:
    """The pairs of two videos or two folders, each visible picture once, in order; or that of two images.

    Args:
        visible: A file or a folder; one image counts as a folder of it.
        infrared: The same kind.

    Attributes:
        are_videos: Whether these are videos.
        are_images: Whether these are two images, which make a pair whatever their names.
        length: How many pairs to expect; None if the video doesn't say.
        dropped: Pictures that were not used, by reason.

    Raises:
        ConfigError: The two are not of one kind, or no stems match.
        SourceError: One is missing or can't be read.
    """

    def __init__(self, visible: FileSource | FolderSource, infrared: FileSource | FolderSource) -> None:
        what = [_what(source) for source in (visible, infrared)]
        if what[0] != what[1]:
            raise ConfigError(
                f"visible {visible.path} is {what[0]}, infrared {infrared.path} is {what[1]}; "
                "expected two folders of images, two images or two video files"
            )
        self.are_videos, self.are_images = what[0] == VIDEO, what[0] == IMAGE
        matched = _common_stems(visible.path, infrared.path) if what[0] == FOLDER else None
        self._visible = open_source(visible, Modality.VISIBLE)
        self._infrared = open_source(infrared, Modality.INFRARED)
        self._sync = PairSync(Sync(link="lossless", slop_ms=FURTHEST_MS, hold_ms=0))
        self._unmatched = DropCounter()
        self.length = self._visible.length if matched is None else len(matched)

    @property
    def dropped(self) -> DropCounter:
        """Pictures that were not used, by reason; each reason begins with the modality."""
        sources = DropCounter()
        for source in (self._visible, self._infrared):
            sources.update({f"{source.modality}_{reason}": n for reason, n in source.dropped.items()})
        return sources + self._sync.dropped + self._unmatched

    def __iter__(self) -> Iterator[FilePair]:
        with self._visible, self._infrared:
            if self.are_images:
                yield from map(_named, self._visible, self._infrared)
            else:
                yield from self._by_time() if self.are_videos else self._by_stem()

    def _by_stem(self) -> Iterator[FilePair]:
        # Names are in order, and the dot after the stem takes part in it: a-1.png comes before a.png.
        infrared = self._infrared.read()
        for visible in self._visible:
            while infrared is not None and f"{infrared.name}." < f"{visible.name}.":
                self._unmatched["infrared_unmatched"] += 1
                infrared = self._infrared.read()
            if infrared is None or infrared.name != visible.name:
                self._unmatched["visible_unmatched"] += 1
                continue
            yield _named(visible, infrared)
            infrared = self._infrared.read()
        self._unmatched["infrared_unmatched"] += sum(1 for _ in self._infrared) + (infrared is not None)

    def _by_time(self) -> Iterator[FilePair]:
        frames = {source.modality: _frames(source) for source in (self._visible, self._infrared)}
        while not self._sync.is_over:
            pair = self._sync.pop(0)
            if pair is None:
                modality = next(modality for modality in frames if self._sync.wants(modality))
                frame = next(frames[modality], None)
                if frame is None:
                    self._sync.end(modality)
                    del frames[modality]
                else:
                    self._sync.push(frame, 0)
            else:
                yield FilePair(f"{pair.visible.seq:06d}", pair)


def _what(source: FileSource | FolderSource) -> str:
    if source.kind == "file":
        return VIDEO
    return IMAGE if is_image(source.path) else FOLDER


def _named(visible: Image, infrared: Image) -> FilePair:
    one, other = _frame(visible, Modality.VISIBLE, 0), _frame(infrared, Modality.INFRARED, 0)
    return FilePair(str(visible.name), FramePair(one, other, InfraredState.LIVE))


def _frames(source: Source) -> Iterator[Frame]:
    for seq, image in enumerate(source):
        yield _frame(image, source.modality, seq)


def _frame(image: Image, modality: Modality, seq: int) -> Frame:
    media_ns = image.media_ns or 0
    return Frame(modality, image.pixels, media_ns, media_ns, seq, stream_id=0)


def _common_stems(visible: Path, infrared: Path) -> set[str]:
    stems = [_stems(folder) for folder in (visible, infrared)]
    common = stems[0] & stems[1]
    if not common:
        shown = [", ".join(sorted(names)[:SHOWN_STEMS]) for names in stems]
        raise ConfigError(
            f"no stem in both folders: {visible} has {shown[0]}, {infrared} has {shown[1]}; "
            "expected images of the same names"
        )
    return common


def _stems(folder: Path) -> set[str]:
    paths = list_images(folder)
    stems = {path.stem for path in paths}
    if len(stems) < len(paths):
        raise ConfigError(f"{folder}: several images of one stem; expected one each, move the others away")
    return stems
