"""`make soak`: a system under attack for a long time, and whether it stood it."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from cyclopts import App

from . import attack, complaints

RECOVERY_LIMIT_S = 2.0


def soak(*, minutes: float = 20.0, seed: int = 1, recovery_s: float = RECOVERY_LIMIT_S) -> int:
    """Attack a system, and say what came of it.

    Args:
        minutes: For how long.
        seed: Chooses what is done to it when.
        recovery_s: How long it may take to be back after each thing [s]; more where others keep the cores busy.
    """
    with tempfile.TemporaryDirectory(prefix="irvis-s-") as folder:
        account = attack(Path(folder), 60 * minutes, seed, _say)
    sys.stdout.write(json.dumps(asdict(account), indent=2) + "\n")
    failures = complaints(account, recovery_s)
    for failure in failures:
        sys.stderr.write(f"soak: {failure}\n")
    return 1 if failures else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(App(default_command=soak, result_action="return_value")(sys.argv[1:]))
