"""What travels: one camera's frame, a matched pair, and the fused picture with its pair contract."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""(H, W) or (H, W, 3) uint8; three channels are in BGR order."""
Counts: TypeAlias = NDArray[np.uint16]
"""(H, W) uint16: what a thermal sensor measured, before it was mapped to brightness."""


class Modality(StrEnum):
    """Which camera an image is from."""

    VISIBLE = "visible"
    INFRARED = "infrared"


class InfraredState(StrEnum):
    """What the infrared half of a pair is worth."""

    LIVE = "live"
    """Within the slop of the visible frame."""
    HELD = "held"
    """An older infrared frame, repeated because the camera is slower or paused."""
    LOST = "lost"
    """No infrared frame young enough: the picture shows the visible camera alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One image of one camera.

    Attributes:
        modality: Which camera.
        pixels: (H, W, 3) BGR uint8 if visible, (H, W) uint8 if infrared.
        stamp_ns: Start of exposure [ns], Unix epoch, on the capture host's clock (media time for files).
        captured_ns: When the capture node had the pixels [ns], Unix epoch, on the capture host's clock.
        seq: Counts the frames of this stream from 0, without gaps at the source.
        stream_id: Random per start of the stream: a new one means that `seq` began again.
        trigger: Number of the pulse that exposed it, where both cameras are triggered together; None elsewhere.
        counts: (H, W) uint16 that `pixels` were mapped from, of 16-bit thermal cameras; None elsewhere.
    """

    modality: Modality
    pixels: Pixels
    stamp_ns: int
    captured_ns: int
    seq: int
    stream_id: int
    trigger: int | None = None
    counts: Counts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FramePair:
    """A visible frame and the infrared frame that belongs to it.

    Attributes:
        visible: The frame that sets the pair's time, size and sequence number.
        infrared: Its match; None only when `infrared_state` is LOST.
        infrared_state: What the match is worth.
        visible_lost: The visible camera gives nothing: `visible` is black and only stands in, with the time of the
            infrared frame, or of now without one.
    """

    visible: Frame
    infrared: Frame | None
    infrared_state: InfraredState
    visible_lost: bool = False

    @property
    def skew_ns(self) -> int | None:
        """Infrared stamp minus visible stamp [ns]; None without infrared."""
        return None if self.infrared is None else self.infrared.stamp_ns - self.visible.stamp_ns


@dataclass(frozen=True, slots=True)
class RegistrationState:
    """What is left between the aligned infrared picture and the visible one.

    Attributes:
        residual_px: Mean misalignment of the picture's corners [visible px], after the correction.
        right_px: How far the infrared's centre should still go right [visible px].
        down_px: How far down.
        scale: By how much it should still grow.
        confidence: 0 to 1.
        is_corrected: Whether a correction is in use.
        is_alarm: Whether it is above `align.alarm_px`: the infrared's fine detail is faded.
        plane_m: Distance at which the pictures lie on each other [m]; None where the rig doesn't know it.
    """

    residual_px: float
    right_px: float
    down_px: float
    scale: float
    confidence: float
    is_corrected: bool
    is_alarm: bool
    plane_m: float | None = None


@dataclass(frozen=True, slots=True)
class PairContract:
    """What a fused frame says about its own making: nothing degrades silently.

    Attributes:
        skew_ns: Infrared stamp minus visible stamp [ns]; None without infrared.
        visible_age_ns: Time from the visible's capture to publishing [ns], on the fusion host's clock; None
            without visible.
        infrared_age_ns: The same for the infrared; None without it.
        infrared_state: live, held or lost.
        rig_id: Hash of the rig in use.
        engine: Fingerprint of the engine: artifact, weights, runtime, device, precision.
        stages_ms: Time spent on this frame by stage [ms].
        dropped: Frames not used since the fusion node started, by reason.
        visible_lost: The picture shows the infrared camera alone; where that is lost too, it is a stub.
        registration: How the pictures lie on each other, by the newest sure estimate; None before the first.
    """

    skew_ns: int | None
    visible_age_ns: int | None
    infrared_age_ns: int | None
    infrared_state: InfraredState
    rig_id: str
    engine: str
    stages_ms: dict[str, float] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    visible_lost: bool = False
    registration: RegistrationState | None = None

    @property
    def is_stub(self) -> bool:
        """Whether neither camera gave anything: the picture only says so."""
        return self.visible_lost and self.infrared_state is InfraredState.LOST


@dataclass(frozen=True, slots=True, eq=False)
class FusedFrame:
    """One fused picture.

    Attributes:
        fused: (H, W, 3) BGR uint8.
        labels: (H, W) uint8 class ids.
        stamp_ns: The visible frame's stamp [ns]; without visible the infrared's, without both the time of making.
        captured_ns: The same frame's capture time [ns].
        published_ns: When the fusion node published it [ns], Unix epoch, on the fusion host's clock.
        seq: The visible frame's sequence number; pictures without visible repeat the last one's.
        stream_id: The visible stream's id.
        contract: How it was made.
        visible: (H, W, 3) BGR uint8 input, where the fusion node carries its inputs along.
        infrared: (H, W) uint8 input aligned onto the visible, likewise.
    """

    fused: Pixels
    labels: Pixels
    stamp_ns: int
    captured_ns: int
    published_ns: int
    seq: int
    stream_id: int
    contract: PairContract
    visible: Pixels | None = None
    infrared: Pixels | None = None
