"""What a node's process says of itself to the system."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.supervision.nodes import GIVING_WAY, NODES
from pipeline.supervision.process import NICE

GIVE_WAY = """
import os
from pathlib import Path
from pipeline.supervision.process import give_way
give_way()
print(os.getpriority(os.PRIO_PROCESS, 0), Path("/proc/self/autogroup").read_text())
"""
AUTOGROUP = Path("/proc/self/autogroup")
SHARED_AMONG_SESSIONS = pytest.mark.skipif(
    not AUTOGROUP.exists(), reason="this kernel does not share the processor among sessions"
)


def told(*, own_session: bool) -> list[str]:
    child = [sys.executable, "-c", GIVE_WAY]
    return subprocess.run(
        child, check=True, capture_output=True, text=True, start_new_session=own_session
    ).stdout.split()


@SHARED_AMONG_SESSIONS
def test_a_process_gives_way_and_so_does_its_session_if_it_is_its_own() -> None:
    assert told(own_session=True)[-1] == str(NICE)
    shared = told(own_session=False)
    assert shared[0] == str(os.getpriority(os.PRIO_PROCESS, 0) + NICE)
    assert shared[1:] == AUTOGROUP.read_text().split()


@SHARED_AMONG_SESSIONS
def test_a_process_that_was_started_at_a_lower_priority_can_give_way_too() -> None:
    child = ["nice", "-n", str(NICE + 1), sys.executable, "-c", GIVE_WAY]
    given = subprocess.run(child, check=True, capture_output=True, text=True).stdout.split()
    assert given[0] == str(os.getpriority(os.PRIO_PROCESS, 0) + 2 * NICE + 1)


def test_what_somebody_waits_for_does_not_give_way() -> None:
    assert set(NODES) - set(GIVING_WAY) == {"capture", "fuse", "window", "web"}
