"""What came of an attack, and what of it must not be."""

from dataclasses import dataclass, field
from typing import Any

from .configuration import VISIBLE_FPS

GROWTH_LIMIT_MIB_PER_MIN = 1.0
FILES_LIMIT = 4
FRAGMENT_FRAMES = 2 * VISIBLE_FPS
"""What a killed recorder may have written since it last told of it: a fragment, and what was on its way."""


@dataclass
class Account:
    """What came of it.

    Attributes:
        recovery_s: What was done to the system -> for each time, how long from its end until every node worked and
            a live pair captured after it was fused [s].
        growth_mib_per_min: Of each process that lived long enough, by node.
        more_files: How many more files such a process had open at its end, by node.
        report: What `irvis run --report` wrote.
        frames_in_files: Frames that its recordings hold, read back.
        left_behind: Processes, sockets and shared memory that were still there afterwards.
    """

    recovery_s: dict[str, list[float]] = field(default_factory=dict)
    growth_mib_per_min: dict[str, float] = field(default_factory=dict)
    more_files: dict[str, int] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    frames_in_files: int = 0
    left_behind: list[str] = field(default_factory=list)

    def lost_frames(self) -> dict[str, int]:
        """Frames that vanished without a word, by where, and those that the files lack or that nobody told of."""
        lost: dict[str, int] = dict(self.report["unaccounted"])
        missing = self.report["recorded"] - self.frames_in_files
        # A killed recorder may not have told of its last fragment; what it told of must be there.
        untold = FRAGMENT_FRAMES * self.report["restarted"].get("record", 0)
        return lost if -untold <= missing <= 0 else lost | {"in the files": missing}


def complaints(account: Account, recovery_limit_s: float | None = None) -> list[str]:
    """What a system must not do, and did.

    Args:
        account: Of the attack.
        recovery_limit_s: How long it may take to be back [s]; as long as it likes without, where cores are busy.
    """
    limit_s = recovery_limit_s or float("inf")
    grown = {n: v for n, v in account.growth_mib_per_min.items() if v > GROWTH_LIMIT_MIB_PER_MIN}
    slow = {what: max(took_s) for what, took_s in account.recovery_s.items() if max(took_s) > limit_s}
    found = {
        "frames unaccounted for": account.lost_frames(),
        "growing memory [MiB per minute]": grown,
        "files left open": {name: more for name, more in account.more_files.items() if more > FILES_LIMIT},
        "left behind": account.left_behind,
        "slow to recover [s]": slow,
        "ended by": account.report["failure"],
    }
    return [f"{what}: {value}" for what, value in found.items() if value]
