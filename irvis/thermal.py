"""16-bit thermal counts as pictures: a mapping to brightness that keeps still, dead pixels, palettes."""

import math
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .clock import NS_PER_S
from .config import Section
from .errors import ConfigError
from .frame import Counts, Pixels
from .telemetry import Layout

Palette: TypeAlias = Literal["white_hot", "black_hot", "inferno", "magma", "turbo"]
BINS = 1024
COLOUR_MAPS: dict[Palette, int] = {
    "inferno": cv2.COLORMAP_INFERNO,
    "magma": cv2.COLORMAP_MAGMA,
    "turbo": cv2.COLORMAP_TURBO,
}


class Thermal(Section):
    """How a 16-bit thermal camera is read, and how its counts become brightness."""

    telemetry: Layout = "none"
    """Make of the camera whose extra rows tell of its shutter and frame number."""
    telemetry_footer: bool = True
    """The rows are below the picture; otherwise above."""
    low_percent: Annotated[float, Field(ge=0, lt=50)] = 0.5
    """Share of the coldest pixels that become black [%]."""
    high_percent: Annotated[float, Field(ge=0, lt=50)] = 0.5
    """Share of the hottest pixels that become white [%]."""
    equalise: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How much of the mapping follows the histogram (plateau equalisation); 0 is linear."""
    plateau: Annotated[float, Field(gt=0)] = 3.0
    """Most that one brightness may count in it, in multiples of an even share: low keeps large flat areas calm."""
    settle_s: Annotated[float, Field(ge=0)] = 1.0
    """Time in which the mapping follows the scene [s]; 0 maps every picture by itself."""
    least_span: int = Field(default=128, gt=0)
    """Fewest counts from black to white, so that a uniform scene does not become a picture of noise."""
    dead_pixels: Path | None = None
    """Image of the sensor's size in which every pixel that is not black is dead."""


class Agc:
    """Maps counts to brightness, smoothly in time: nothing that moves through the picture makes the rest pump.

    Black and white are percentiles of the counts; between them the mapping is part linear, part equalised with a
    plateau (Vickers, "Plateau equalization algorithm for real-time display of high-quality infrared imagery",
    Optical Engineering 35(7), 1996). All of it follows the scene with a time constant.

    Args:
        settings: The `thermal` section.
    """

    def __init__(self, settings: Thermal) -> None:
        self._settings = settings
        self._curve: NDArray[np.float64] | None = None
        self._low = self._high = 0.0
        self._last_ns = 0

    def map(self, counts: Counts, stamp_ns: int) -> Pixels:
        """Brightness of one picture.

        Args:
            counts: (H, W) uint16.
            stamp_ns: When it was taken [ns, any clock].

        Returns:
            (H, W) uint8.
        """
        histogram = np.asarray(cv2.calcHist([counts], [0], None, [1 << 16], [0, 1 << 16]), np.float64).ravel()
        low, high = self._range(histogram)
        first = self._curve is None
        share = 1.0 if first else self._share(stamp_ns)
        self._last_ns = stamp_ns
        self._low += share * (low - self._low)
        self._high += share * (high - self._high)
        wanted = self._wanted_curve(histogram)
        self._curve = wanted if self._curve is None else self._curve + share * (wanted - self._curve)
        return self._table()[counts]

    def _range(self, histogram: NDArray[np.float64]) -> tuple[float, float]:
        below = np.cumsum(histogram, dtype=np.float64)
        shares = np.array([self._settings.low_percent, 100 - self._settings.high_percent]) / 100
        low, high = np.searchsorted(below, shares * below[-1]).astype(float)
        missing = max(0.0, self._settings.least_span - (high - low))
        return low - missing / 2, high + missing / 2

    def _share(self, stamp_ns: int) -> float:
        if not self._settings.settle_s:
            return 1.0
        passed_s = max(0, stamp_ns - self._last_ns) / NS_PER_S
        return 1 - math.exp(-passed_s / self._settings.settle_s)

    def _wanted_curve(self, histogram: NDArray[np.float64]) -> NDArray[np.float64]:
        """Brightness 0 to 1 at BINS even steps from black to white."""
        linear = np.linspace(0, 1, BINS)
        level = np.arange(histogram.size)
        place = np.clip((level - self._low) / (self._high - self._low) * BINS, 0, BINS - 1).astype(int)
        inside = (level >= self._low) & (level <= self._high)
        counted = np.bincount(place[inside], histogram[inside], BINS)
        reached = np.cumsum(np.minimum(counted, self._settings.plateau * counted.sum() / BINS))
        if reached[-1] == reached[0]:
            return linear
        equalised = (reached - reached[0]) / (reached[-1] - reached[0])
        return np.asarray(linear + self._settings.equalise * (equalised - linear), np.float64)

    def _table(self) -> Pixels:
        assert self._curve is not None
        steps = np.linspace(self._low, self._high, BINS)
        levels = np.interp(np.arange(1 << 16), steps, self._curve)
        return np.rint(255 * levels).astype(np.uint8)


class DeadPixels:
    """Replaces the pixels of a sensor that are known to be dead by the median around them.

    Args:
        path: The mask; None replaces nothing.

    Raises:
        ConfigError: It can't be read.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._mask = None if path is None else cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if path is not None and self._mask is None:
            raise ConfigError(f"thermal.dead_pixels: {path}: expected an image of the sensor's size")

    def replace(self, counts: Counts) -> Counts:
        """The (H, W) uint16 counts without their dead pixels.

        Raises:
            ConfigError: The mask has another size.
        """
        if self._mask is None:
            return counts
        if self._mask.shape != counts.shape:
            raise ConfigError(
                f"thermal.dead_pixels: {self._path} has {self._mask.shape[1]}x{self._mask.shape[0]} pixels, the "
                f"sensor {counts.shape[1]}x{counts.shape[0]}; draw it in the sensor's size"
            )
        around = cv2.medianBlur(counts, 5)
        return np.where(self._mask > 0, around, counts).astype(np.uint16, copy=False)


def colour(pixels: Pixels, palette: Palette, out: Pixels | None = None) -> Pixels:
    """Show (H, W) uint8 brightness in a palette.

    Args:
        pixels: The brightness.
        palette: Its colours.
        out: (H, W, 3) uint8 to draw into; a new array without.

    Returns:
        (H, W, 3) BGR uint8.

    Example:
        >>> colour(np.array([[0, 255]], np.uint8), "black_hot").tolist()
        [[[255, 255, 255], [0, 0, 0]]]
    """
    if palette in COLOUR_MAPS:
        return np.asarray(cv2.applyColorMap(pixels, COLOUR_MAPS[palette], dst=out), np.uint8)
    shown = cv2.bitwise_not(pixels) if palette == "black_hot" else pixels
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR, dst=out), np.uint8)
