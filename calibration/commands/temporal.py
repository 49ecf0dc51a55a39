"""`irvis calibrate temporal`."""

from pathlib import Path
from typing import Literal

from rich.console import Console

from irvis.rig import load_rig, save_rig

from ..latency.motion import MotionSignal
from ..latency.recordings import frames
from ..latency.temporal import latency


def temporal(
    visible: Path,
    infrared: Path,
    *,
    by: Literal["motion", "blinking"] = "motion",
    fps: float = 25.0,
    most_ms: float = 300.0,
    rig: Path | None = None,
) -> None:
    """Find the constant latency between the cameras, from both recorded while something moved or blinked.

    Both recordings begin at the same stamp. Positive means that the infrared's stamps are late.

    Args:
        visible: A video file or a folder of images; names of 16 digits or more are stamps in nanoseconds.
        infrared: The same.
        by: What happens in the recordings: motion anywhere, or a lamp that blinks.
        fps: Of folders whose names are no stamps.
        most_ms: Largest latency to look for.
        rig: rig.yaml to keep it in, as infrared_delay_ms.
    """
    console = Console(highlight=False)
    with Console(stderr=True).status("reading both recordings"):
        signals = [MotionSignal(by == "blinking").add_all(frames(path, fps)) for path in (visible, infrared)]
    found = latency(signals[0], signals[1], most_ms)
    console.print(
        f"infrared {found.delay_ms:+.1f} ms late; parts of the recording within "
        f"{found.spread_ms:.1f} ms, "
        f"correlation {found.correlation:.2f}",
        soft_wrap=True,
    )
    if rig:
        save_rig(load_rig(rig).model_copy(update={"infrared_delay_ms": round(found.delay_ms, 2)}), rig)
        console.print(f"{rig}: kept as infrared_delay_ms", soft_wrap=True)
