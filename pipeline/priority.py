"""Work that can wait, in threads that let the others go first."""

import os
import sys
import threading

NICE = 10


def step_back() -> None:
    """Let the calling thread have what the others leave of the processor; only Linux can say so of a thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
