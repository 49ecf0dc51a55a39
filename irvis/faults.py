"""Faults to inject, so that users can see what their system does when it goes wrong: the `faults` section."""

import random
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from .clock import NS_PER_MS, NS_PER_S
from .config import Section
from .frame import Modality

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]
Span: TypeAlias = tuple[Seconds, Seconds]
"""From and to [s since the stream began]."""

LinkFault = Literal["drop", "duplicate", "reorder", "truncate"]
LINK_FAULTS: tuple[LinkFault, ...] = ("drop", "duplicate", "reorder", "truncate")


class CameraFaults(Section):
    """What goes wrong with one camera, its host's clock and its link."""

    drop: Share = 0.0
    """Share of the frames that are lost on the link."""
    duplicate: Share = 0.0
    """Share of the frames that come twice."""
    reorder: Share = 0.0
    """Share of the frames that come after the next one."""
    truncate: Share = 0.0
    """Share of the frames whose message is cut short."""
    latency_ms: Annotated[float, Field(ge=0)] = 0.0
    """How long each frame is underway [ms]."""
    skew_ms: float = 0.0
    """How far the clock of the camera's host is ahead [ms]; followed where the camera's endpoint is tcp."""
    drift_ppm: float = 0.0
    """How much too fast that clock runs."""
    jumps: list[tuple[Seconds, float]] = Field(default_factory=list)
    """When that clock is set, and how far forward, [[at s since the stream began, ms], ...]."""
    freeze: list[Span] = Field(default_factory=list)
    """Spans in which the camera repeats its last frame, [[from, to], ...] in seconds."""
    shutter: list[Span] = Field(default_factory=list)
    """Spans in which a thermal camera's shutter is closed, and it says so."""
    silent: list[Span] = Field(default_factory=list)
    """Spans in which the camera gives nothing."""

    @property
    def any_in_picture(self) -> bool:
        """Whether the camera itself fails at times."""
        return bool(self.freeze or self.shutter or self.silent)

    @property
    def any_on_link(self) -> bool:
        """Whether its link fails at times."""
        return self.latency_ms > 0 or any(getattr(self, fault) for fault in LINK_FAULTS)

    def clock_error_ns(self, elapsed_ns: int) -> int:
        """How far the host's clock is ahead [ns], so long after the stream began.

        Example:
            >>> CameraFaults(skew_ms=3, drift_ppm=100, jumps=[(5, 1000), (15, -800)]).clock_error_ns(10 * NS_PER_S)
            1004000000
        """
        error_ms = self.skew_ms + sum(ms for at_s, ms in self.jumps if elapsed_ns >= at_s * NS_PER_S)
        return round(error_ms * NS_PER_MS + elapsed_ns * self.drift_ppm / 1e6)

    def on_link(self, seed: int, modality: Modality, seq: int) -> LinkFault | None:
        """What happens to a frame on the link: the same for the same seed, whatever happened before.

        A stream's first frame always comes: those behind it know by it what they miss.
        """
        if not seq:
            return None
        chance = random.Random(f"{seed} {modality} {seq}").random()
        for fault in LINK_FAULTS:
            chance -= getattr(self, fault)
            if chance < 0:
                return fault
        return None


class Kill(Section):
    """A node that is killed."""

    node: str
    """Which."""
    at_s: Seconds
    """When [s since the system was started]; one that is not running then, as soon as it is."""


class Faults(Section):
    """Faults to inject: the same with the same seed."""

    seed: int = 0
    """Chooses the frames that a share of them stands for."""
    visible: CameraFaults = CameraFaults()
    """Of the visible camera."""
    infrared: CameraFaults = CameraFaults()
    """Of the infrared camera."""
    sink_delay_ms: Annotated[float, Field(ge=0)] = 0.0
    """How much longer each sink takes for a frame [ms]."""
    kill: list[Kill] = Field(default_factory=list)
    """Nodes that `irvis run` kills, to see them come back."""

    def of(self, modality: Modality) -> CameraFaults:
        """The faults of one camera."""
        return self.visible if modality is Modality.VISIBLE else self.infrared


def is_in(spans: list[Span], elapsed_ns: int) -> bool:
    """Whether a time since the stream began [ns] is in one of the spans.

    Example:
        >>> is_in([(1, 2), (5, 6)], 5_500_000_000), is_in([(1, 2)], 2_000_000_000)
        (True, False)
    """
    return any(start_s <= elapsed_ns / NS_PER_S < end_s for start_s, end_s in spans)
