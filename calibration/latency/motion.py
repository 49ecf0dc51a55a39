"""When things happen, by one camera: how much each part of its picture changes from frame to frame."""

from collections.abc import Iterable

import cv2
import numpy as np

from irvis.frame import Pixels
from irvis.geometry import Matrix

from .blinking import Switch, switches

CELLS = 8, 6
"""Parts across and down: the two cameras see about the same in each."""
WIDTH_PX = 160
STEP_S = 0.004
"""Of the common time axis."""
SLOW_S = 0.5
"""What changes more slowly than this is taken away: two slow signals agree at any lag."""


class MotionSignal:
    """Collects how much the parts of a camera's picture change from frame to frame.

    Attributes:
        blinks: Look at the parts' means, which a lamp changes, instead of at every pixel, which motion changes.
    """

    def __init__(self, blinks: bool = False) -> None:
        self.blinks = blinks
        self._times_s: list[float] = []
        self._changes: list[Matrix] = []
        self._before: Matrix | None = None
        self._time_s = 0.0
        self._stamps_s: list[float] = []
        self._levels: list[Matrix] = []

    def add(self, gray: Pixels, time_s: float) -> None:
        """Take a frame (H, W) uint8 and its stamp [s]."""
        size = CELLS if self.blinks else (WIDTH_PX, max(CELLS[1], round(gray.shape[0] * WIDTH_PX / gray.shape[1])))
        small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        soft = np.asarray(small if self.blinks else cv2.GaussianBlur(small, (0, 0), 1.5), np.float64)
        if self.blinks:
            self._stamps_s.append(time_s)
            self._levels.append(soft.ravel())
        if self._before is not None and time_s > self._time_s:
            change = cv2.resize(np.abs(soft - self._before), CELLS, interpolation=cv2.INTER_AREA)
            # A change belongs between its two frames.
            self._times_s.append((time_s + self._time_s) / 2)
            self._changes.append(np.asarray(change, np.float64).ravel() / (time_s - self._time_s))
        self._before, self._time_s = soft, time_s

    def add_all(self, frames: Iterable[tuple[Pixels, float]]) -> "MotionSignal":
        """Take many frames with their stamps [s]."""
        for gray, time_s in frames:
            self.add(gray, time_s)
        return self

    @property
    def times_s(self) -> Matrix:
        """(N,) when the changes were [s]."""
        return np.array(self._times_s)

    def switches(self) -> list[Switch]:
        """When a lamp went on and off; none where the signal is of motion."""
        return switches(np.array(self._stamps_s), np.array(self._levels)) if len(self._levels) > 1 else []

    def on(self, axis_s: Matrix) -> Matrix:
        """(T, cells) the changes at other times [s], without what is slow, 1 strong on the whole."""
        changes = np.array(self._changes)
        there = np.column_stack([np.interp(axis_s, self.times_s, cell) for cell in changes.T])
        quick = there - cv2.GaussianBlur(there, (1, 0), sigmaX=0.1, sigmaY=SLOW_S / STEP_S)
        return np.asarray(quick / (quick.std() + 1e-12), np.float64)


def lag_s(
    one: MotionSignal, other: MotionSignal, most_s: float, span_s: tuple[float, float]
) -> tuple[float, float]:
    """By how much the second signal comes later than the first: where they correlate best.

    Args:
        one: A camera's.
        other: The other's.
        most_s: Largest lag to look for.
        span_s: When to look [s], within both signals by `most_s`.

    Returns:
        The lag [s] and the correlation there, -1 to 1.
    """
    steps = round(most_s / STEP_S)
    axis = np.arange(span_s[0] - most_s, span_s[1] + most_s, STEP_S)
    first, second = one.on(axis), other.on(axis)
    length = len(axis) - 2 * steps
    middle = first[steps : steps + length]
    parts = [second[steps + k : steps + k + length] for k in range(-steps, steps + 1)]
    scores = np.array(
        [float((middle * part).sum() / np.sqrt((middle**2).sum() * (part**2).sum())) for part in parts]
    )
    best = int(scores.argmax())
    refined = float(best)
    if 0 < best < len(scores) - 1:
        before, at, after = scores[best - 1 : best + 2]
        refined += float(0.5 * (before - after) / min(before - 2 * at + after, -1e-12))
    return (refined - steps) * STEP_S, float(scores[best])
