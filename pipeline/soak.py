"""`make soak`: a system under attack for a long time, and whether it stood it."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from cyclopts import App

from .chaos import Account, attack

GROWTH_LIMIT_MIB_PER_MIN = 1.0
FILES_LIMIT = 4


def soak(*, minutes: float = 20.0, seed: int = 1) -> int:
    """Attack a system, and say what came of it.

    Args:
        minutes: For how long.
        seed: Chooses what is done to it when.
    """
    with tempfile.TemporaryDirectory(prefix="irvis-s-") as folder:
        account = attack(Path(folder), 60 * minutes, seed, _say)
    sys.stdout.write(json.dumps(asdict(account), indent=2) + "\n")
    failures = complaints(account)
    for failure in failures:
        sys.stderr.write(f"soak: {failure}\n")
    return 1 if failures else 0


def complaints(account: Account) -> list[str]:
    """What a system must not do, and did."""
    grown = {n: v for n, v in account.growth_mib_per_min.items() if v > GROWTH_LIMIT_MIB_PER_MIN}
    found = {
        "frames unaccounted for": account.lost_frames(),
        "growing memory [MiB per minute]": grown,
        "files left open": {name: more for name, more in account.more_files.items() if more > FILES_LIMIT},
        "left behind": account.left_behind,
        "ended by": account.report["failure"],
    }
    return [f"{what}: {value}" for what, value in found.items() if value]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(App(default_command=soak, result_action="return_value")(sys.argv[1:]))
