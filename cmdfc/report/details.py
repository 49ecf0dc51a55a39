"""Where a reader should look closely: around the largest person, and where outputs differ most."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.frame import Pixels

from ..metrics import gray_from_bgr
from ..segmentation import CLASSES

PERSON = CLASSES.index("person")
SHARE = 4
"""A region's sides are this part of the picture's."""
SMALLEST_PERSON = 0.0005
"""Part of the picture that a person must fill to be worth a closer look."""


@dataclass(frozen=True)
class Region:
    """A rectangle of a picture [px], and why it is looked at."""

    left: int
    top: int
    width: int
    height: int
    reason: str

    def cut(self, picture: Pixels) -> Pixels:
        """The region of a picture (H, W, ...), as a view."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]


def find_regions(pictures: Sequence[Pixels], labels: Pixels | None, count: int = 2) -> list[Region]:
    """Find what is worth a closer look.

    Args:
        pictures: (H, W, 3) BGR uint8, two or more outputs of one pair.
        labels: True labels (H, W) of the pair, if known.
        count: How many regions.

    Returns:
        Regions that do not overlap; fewer than `count` where no more fit.
    """
    height, width = pictures[0].shape[:2]
    size = max(1, width // SHARE), max(1, height // SHARE)
    regions = []
    person = _largest_person(labels) if labels is not None else None
    if person:
        regions.append(_around(person, size, (width, height), "the largest person"))
    spread = np.std([gray_from_bgr(picture) for picture in pictures], axis=0)
    # The value at a pixel is the mean over the region whose top left corner it is.
    mean_spread = cv2.boxFilter(spread, -1, size, anchor=(0, 0))[: height - size[1] + 1, : width - size[0] + 1]
    while len(regions) < count:
        for region in regions:
            _exclude(mean_spread, region)
        top, left = np.unravel_index(int(np.argmax(mean_spread)), mean_spread.shape)
        if mean_spread[top, left] < 0:
            break
        regions.append(Region(int(left), int(top), *size, "where outputs differ most"))
    return regions


def _largest_person(labels: Pixels) -> tuple[int, int] | None:
    """Centre x, y [px] of the largest patch of person, if it is large enough to look at."""
    _, _, stats, centres = cv2.connectedComponentsWithStats((labels == PERSON).astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    if not areas.size or areas.max() < SMALLEST_PERSON * labels.size:
        return None
    x, y = centres[1 + int(np.argmax(areas))]
    return round(x), round(y)


def _around(centre: tuple[int, int], size: tuple[int, int], picture: tuple[int, int], reason: str) -> Region:
    left, top = (
        min(max(0, middle - side // 2), whole - side)
        for middle, side, whole in zip(centre, size, picture, strict=True)
    )
    return Region(left, top, *size, reason)


def _exclude(by_corner: NDArray[np.floating], region: Region) -> None:
    """Rule out the corners of all regions that would overlap this one."""
    top, left = max(0, region.top - region.height + 1), max(0, region.left - region.width + 1)
    by_corner[top : region.top + region.height, left : region.left + region.width] = -1
