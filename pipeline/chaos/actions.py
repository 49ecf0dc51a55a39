"""What is done to a system under attack."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from ..transport import HealthSender
from .system import NODES, System

STOPPED_S = 1.0
NONSENSE = 200


def _kill(name: str) -> Callable[[System], None]:
    return lambda system: system.kill(name)


def _stop_recorder(system: System) -> None:
    """A sink that takes nothing for a second."""
    if process := system.nodes().get("record"):
        process.suspend()
        time.sleep(STOPPED_S)
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _talk_nonsense(system: System) -> None:
    sender = HealthSender(system.endpoints["health"])
    noise = random.Random(1)
    for _ in range(NONSENSE):
        sender.send(noise.randbytes(noise.randrange(1, 300)))
    sender.close()


def _watch_and_die(system: System) -> None:
    """A viewer that never reads and is killed."""
    program = (
        "import sys, time; from irvis.topics import Topic; from pipeline.transport import Subscriber\n"
        "subscriber = Subscriber(sys.argv[1], Topic.FUSED); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, system.endpoints["fused"]]) as viewer:
        time.sleep(STOPPED_S)
        viewer.kill()


ACTIONS: dict[str, Callable[[System], None]] = {
    **{f"kill {name}": _kill(name) for name in NODES},
    "stop the recorder": _stop_recorder,
    "nonsense to the supervisor": _talk_nonsense,
    "a viewer that dies": _watch_and_die,
}
GENTLE = [name for name in ACTIONS if not name.startswith("kill")]
"""Those that kill no node."""
