"""What every source promises: pictures of one camera, in order, with the time that each belongs to."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from irvis.closing import Closing
from irvis.frame import Counts, Modality, Pixels
from irvis.timing import DropCounter

MOST_BEHIND = 24
"""So many pictures in a row are left out for being behind, then one is given all the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One picture as a source gives it: with media time if played, with a stamp if live, with both if replayed.

    Attributes:
        pixels: (H, W, 3) BGR uint8 if visible, (H, W) uint8 if infrared.
        media_ns: Time since the source's first picture [ns]; None if live.
        stamp_ns: When it was taken [ns, Unix epoch, this host's clock]; None unless live or replayed.
        name: The image file's name without its suffix; None for sources that have no such files.
        shutter: A thermal camera says that it looks at its own shutter.
        trigger: Number of the pulse that exposed it, where the camera gives one.
        counts: (H, W) uint16 that `pixels` were mapped from, of 16-bit thermal cameras.
    """

    pixels: Pixels
    media_ns: int | None = None
    stamp_ns: int | None = None
    name: str | None = None
    shutter: bool = False
    trigger: int | None = None
    counts: Counts | None = None

    @property
    def given(self) -> Pixels | Counts:
        """As the camera gave it."""
        return self.pixels if self.counts is None else self.counts


class Source(Closing):
    """Pictures of one camera; a context manager that closes what it opened.

    Attributes:
        modality: Which camera.
        dropped: Pictures lost by the source itself, by reason.
        length: How many pictures are expected, for progress bars; None where nobody knows.
        is_live: Whether it is a camera, which may freeze.
        reconnects: Whether it may come back after a `SourceTimeout`.
    """

    def __init__(self, modality: Modality) -> None:
        self.modality = modality
        self.dropped = DropCounter()
        self.length: int | None = None
        self.is_live = self.reconnects = False
        self._wanted_ns = self._left_out = 0

    @abstractmethod
    def read(self) -> Image | None:
        """The next picture; None at the end of the stream.

        Raises:
            SourceError: The source failed.
            SourceTimeout: A live camera gave nothing within the time allowed.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of files and devices; reading afterwards gives None."""

    def skip_to(self, media_ns: int) -> None:
        """Say that pictures of an earlier media time come too late: they are left out and counted as `behind`.

        A source that is too slow for its pace even so gives one now and then; cameras take no notice.
        """
        self._wanted_ns = media_ns

    def _is_behind(self, media_ns: int) -> bool:
        """Whether to leave out the next picture, before anything is done for it that can be saved."""
        if media_ns >= self._wanted_ns or self._left_out == MOST_BEHIND:
            self._left_out = 0
            return False
        self._left_out += 1
        self.dropped["behind"] += 1
        return True

    def __iter__(self) -> Iterator[Image]:
        while (image := self.read()) is not None:
            yield image


def as_modality(pixels: Pixels, modality: Modality) -> Pixels:
    """Give an image the channels of its modality: BGR for visible, gray for infrared.

    Args:
        pixels: (H, W) or (H, W, 3) BGR uint8; colour infrared becomes its luma.
        modality: Which camera it is from.

    Returns:
        (H, W, 3) or (H, W) uint8; the very same array where nothing had to change.

    Example:
        >>> as_modality(np.zeros((4, 6), np.uint8), Modality.VISIBLE).shape
        (4, 6, 3)
    """
    if modality is Modality.VISIBLE and pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    if modality is Modality.INFRARED and pixels.ndim == 3:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    return pixels
