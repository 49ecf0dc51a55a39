"""The attack: one thing after another is done to a system, in an order that a seed chooses."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import av

from .account import Account
from .actions import ACTIONS, GENTLE
from .growth import Growth
from .system import System

PAUSE_S = 1.0
SHARED_MEMORY = Path("/dev/shm")


def attack(
    folder: Path,
    seconds: float,
    seed: int,
    tell: Callable[[str], None] = lambda line: None,
    pause_s: float = PAUSE_S,
) -> Account:
    """Run a system and do everything to it that happens to such systems.

    Args:
        folder: For its files; its path must be short.
        seconds: For how long [s]; each thing is done at least once.
        seed: Chooses what is done when.
        tell: Called with a line for each thing that was done.
        pause_s: How long it is left alone after each [s].

    Raises:
        TimeoutError: The system did not come back.
    """
    chance = random.Random(seed)
    account = Account()
    blocks_before = set(SHARED_MEMORY.iterdir())
    with System(folder, seed, seconds) as system:
        system.wait_until_well()
        growth = Growth()
        end_s = time.monotonic() + seconds
        todo = chance.sample(list(ACTIONS), len(ACTIONS))
        while todo or time.monotonic() < end_s:
            # Later on nobody is killed, so that processes live long enough to show whether they grow.
            again = list(ACTIONS) if time.monotonic() < end_s - seconds / 2 else GENTLE
            todo = todo or chance.sample(again, len(again))
            name = todo.pop()
            ACTIONS[name](system)
            took_s = round(system.wait_until_well(), 2)
            account.recovery_s.setdefault(name, []).append(took_s)
            tell(f"{name}: well again after {took_s:.2f} s")
            growth.look({"supervisor": system.process, **system.nodes()})
            time.sleep(pause_s)
        account.report = system.finish()
        account.frames_in_files = sum(map(_frames_in, folder.glob("out*.mp4")))
        account.growth_mib_per_min, account.more_files = growth.mib_per_min(), growth.more_files()
        account.left_behind = system.left_behind()
    account.left_behind += _unused(set(SHARED_MEMORY.iterdir()) - blocks_before)
    return account


def _frames_in(path: Path) -> int:
    with av.open(path) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def _unused(blocks: set[Path]) -> list[str]:
    """Those of some blocks of shared memory that no process has mapped: not those of a neighbour."""
    maps = []
    for path in Path("/proc").glob("[0-9]*/maps"):
        try:
            maps.append(path.read_text(encoding="utf-8"))
        except OSError:  # it has ended, or is somebody else's
            continue
    return sorted(str(block) for block in blocks if not any(str(block) in text for text in maps))
