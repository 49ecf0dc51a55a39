"""Taking pairs by itself: when both cameras see the board, it keeps still, and the view adds something."""

from pathlib import Path

import cv2
import numpy as np

from irvis.colours import Tone
from irvis.errors import DataError
from irvis.frame import Modality, Pixels
from irvis.geometry import Matrix

from .boards.detect import Detector, Sighting
from .boards.target import Target
from .coverage import FULL_SHARE, Coverage, is_still

LEAST_SHARE = 0.5
"""Of the board's points that both cameras have to see."""


class Collector:
    """Looks at pairs as they come and keeps those that help.

    Args:
        target: The board.
        folder: Gets ir/ and vi/ with PNG files of the same names.
        wanted: Pairs that are enough, where they cover the picture.
    """

    def __init__(self, target: Target, folder: Path, wanted: int) -> None:
        self._detector = Detector(target)
        self._points = len(target.points_m())
        self._folder = folder
        self._wanted = wanted
        self._before: dict[Modality, Matrix] = {}
        self.coverage: dict[Modality, Coverage] = {}
        self.kept = 0
        self.said = "waiting for the board"

    @property
    def is_enough(self) -> bool:
        """Whether there are pairs enough, from all over both pictures."""
        return self.kept >= self._wanted and all(each.share >= FULL_SHARE for each in self.coverage.values())

    def take(self, visible: Pixels, infrared: Pixels) -> dict[Modality, Sighting | None]:
        """Look at one pair, and keep it if it helps; `said` tells what became of it.

        Args:
            visible: (H, W, 3) BGR.
            infrared: (H', W').

        Raises:
            DataError: The pair can't be written.
        """
        pictures = {Modality.VISIBLE: visible, Modality.INFRARED: infrared}
        seen = {
            modality: self._detector.find(picture, modality, quick=True) for modality, picture in pictures.items()
        }
        still, new = True, False
        for modality, sighting in seen.items():
            picture = pictures[modality]
            size = picture.shape[1], picture.shape[0]
            cover = self.coverage.setdefault(modality, Coverage(size))
            if sighting is None or len(sighting.points) < LEAST_SHARE * self._points:
                self.said = f"{modality}: no board" if sighting is None else f"{modality}: too little of the board"
                self._before.clear()
                return seen
            still &= is_still(self._before.get(modality), sighting.points, size[0])
            self._before[modality] = sighting.points
            new |= cover.is_new(sighting.points)
        self.said = "keep it still" if not still else "seen before: move or tilt it" if not new else "taken"
        if still and new:
            self._keep(pictures, seen)
        return seen

    def _keep(self, pictures: dict[Modality, Pixels], seen: dict[Modality, Sighting | None]) -> None:
        for modality, picture in pictures.items():
            place = self._folder / ("vi" if modality is Modality.VISIBLE else "ir") / f"{self.kept:03d}.png"
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                data = cv2.imencode(".png", picture)[1].tobytes()
                place.write_bytes(data)
            except OSError as exc:
                raise DataError(f"{place}: can't be written ({exc}); choose another --out") from exc
            sighting = seen[modality]
            if sighting:
                self.coverage[modality].keep(sighting.points)
        self.kept += 1


def drawn(picture: Pixels, sighting: Sighting | None, cover: Coverage) -> Pixels:
    """A picture for the screen: what is not covered is dark, the board's points are dots; (H, W, 3)."""
    shown = (
        picture.copy() if picture.ndim == 3 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    )
    cover.shade(shown)
    for x, y in sighting.points if sighting else ():
        cv2.circle(shown, (round(float(x)), round(float(y))), max(2, shown.shape[1] // 160), Tone.GOOD.dark, -1)
    return shown
