"""What each sensor adds: shot and read noise in the visible, stripes and a fixed pattern in the infrared."""

import math

import cv2
import numpy as np

from .config import SceneConfig
from .sprite import Pixels
from .texture import Field32, rng_for

_FRAMES = 2
_SPARE_PX = 48
_REACH = 4.0
"""Largest noise that is told apart, in standard deviations."""
Area = tuple[slice, slice]
"""Rows and columns of a picture."""


def frame_hash(seed: int, time_s: float) -> int:
    """A number for a frame time, to the microsecond, the same in every process (splitmix64)."""
    mask = 0xFFFFFFFFFFFFFFFF
    z = (round(time_s * 1e6) * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def _biased(noise: Field32, scale: float) -> Pixels:
    """Noise in units of its strength, scaled and made positive, so that taking it away is one operation."""
    return np.asarray(cv2.convertScaleAbs(np.maximum(noise + _REACH, 0), alpha=scale), np.uint8)


class VisibleSensor:
    """Poisson-Gaussian noise by the generalised Anscombe transform.

    A look-up table takes the picture to a scale on which the noise is the same at every brightness, noise from
    a bank is added there, and a second table takes it back (Murtagh, Starck, Bijaoui 1995). The still picture is
    taken there beforehand.
    """

    def __init__(self, config: SceneConfig, still: Pixels) -> None:
        self._seed = config.seed
        self._quiet = config.noise == 0
        night = config.light == "night"
        gain = (0.055 if not night else 0.16) * config.noise
        read = (1.1 if not night else 2.3) * config.noise
        if self._quiet:
            return

        def stable(level: Field32) -> Field32:
            return np.asarray(2 / gain * np.sqrt(gain * level + 0.375 * gain**2 + read**2), np.float32)

        levels = np.arange(256, dtype=np.float32)
        low, high = float(stable(levels[:1])[0]), float(stable(levels[-1:])[0])
        scale = 255 / (high - low + _REACH)
        self._to = np.rint((stable(levels) - low + _REACH) * scale).astype(np.uint8)
        back = ((levels / scale + low) * gain / 2) ** 2 / gain - 0.375 * gain - read**2 / gain
        self._back = np.clip(np.rint(back), 0, 255).astype(np.uint8)
        rng = rng_for(config.seed, "visible noise")
        shape = (config.height + _SPARE_PX, config.width + _SPARE_PX, 3)
        self._bank = [
            _biased(1.3 * cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (3, 3), 0.5), scale)
            for _ in range(_FRAMES)
        ]
        self._still = np.asarray(cv2.LUT(still, self._to), np.uint8)

    def expose(self, picture: Pixels, changed: list[Area], time_s: float) -> Pixels:
        """Add a frame's noise to an (H, W, 3) picture that differs from the still one in the `changed` areas."""
        if self._quiet:
            return picture
        h = frame_hash(self._seed, time_s)
        y, x = (h >> 8) % _SPARE_PX, (h >> 16) % _SPARE_PX
        noise = self._bank[h % _FRAMES][y : y + picture.shape[0], x : x + picture.shape[1]]
        noisy = cv2.subtract(self._still, noise)
        for area in changed:
            cv2.subtract(cv2.LUT(picture[area], self._to), noise[area], dst=noisy[area])
        return np.asarray(cv2.LUT(noisy, self._back, dst=noisy), np.uint8)


def _split(noise: Field32) -> tuple[Pixels, Pixels]:
    """Signed noise as what to add and what to take away."""
    whole = np.rint(noise)
    return np.clip(whole, 0, 255).astype(np.uint8), np.clip(-whole, 0, 255).astype(np.uint8)


class InfraredSensor:
    """An uncooled bolometer: slight blur, a fixed pattern with column stripes, and noise in time and by row."""

    def __init__(self, config: SceneConfig, still: Pixels) -> None:
        self._seed = config.seed
        self._sigma = 0.55 * math.sqrt(config.ir_width / 640)
        rng = rng_for(config.seed, "infrared noise")
        rows, cols = config.ir_height, config.ir_width
        columns = cv2.GaussianBlur(rng.standard_normal((1, cols), np.float32), (0, 0), 0.6) * 1.7
        slow = cv2.resize(rng.standard_normal((6, 8), np.float32), (cols, rows), interpolation=cv2.INTER_CUBIC)
        pixels = rng.standard_normal((rows, cols), np.float32) * 1.1
        self._fixed = _split((columns + 1.2 * slow + pixels) * config.noise)
        shape = (rows + _SPARE_PX, cols + _SPARE_PX)
        self._bank = [
            _split(
                (
                    rng.standard_normal(shape, np.float32) * 1.7
                    + rng.standard_normal((shape[0], 1), np.float32) * 0.6
                    + rng.standard_normal((1, shape[1]), np.float32) * 0.4
                )
                * config.noise
            )
            for _ in range(_FRAMES)
        ]

        self._still = self._developed(still, slice(0, rows))

    def _developed(self, picture: Pixels, rows: slice) -> Pixels:
        """Some rows of a picture, blurred and with their fixed pattern."""
        top = max(rows.start - 1, 0)
        blurred = cv2.GaussianBlur(picture[top : rows.stop + 1], (3, 3), self._sigma)[rows.start - top :]
        more, less = (part[rows] for part in self._fixed)
        return np.asarray(cv2.subtract(cv2.add(blurred[: len(more)], more), less), np.uint8)

    def expose(self, picture: Pixels, changed: list[Area], time_s: float) -> Pixels:
        """Blur and add a frame's noise to an (H, W) picture that differs from the still one in `changed` areas."""
        out = self._still.copy()
        if changed:
            # One band of rows around them all: so cheap are the operations that their number counts.
            top, bottom = min(rows.start for rows, _ in changed), max(rows.stop for rows, _ in changed)
            band = slice(max(top - 1, 0), bottom + 1)
            out[band] = self._developed(picture, band)
        h = frame_hash(self._seed ^ 0x5A5A, time_s)
        y, x = (h >> 8) % _SPARE_PX, (h >> 16) % _SPARE_PX
        part = slice(y, y + out.shape[0]), slice(x, x + out.shape[1])
        more, less = self._bank[h % _FRAMES]
        return np.asarray(cv2.subtract(cv2.add(out, more[part], dst=out), less[part], dst=out), np.uint8)
