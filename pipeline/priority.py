"""Work that can wait, in threads that let the others go first."""

import os
import sys
import threading

NICE = 10


def step_back() -> None:
    """Let the calling thread have what the others leave of the processor; only Linux can say so of a thread."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # In a process of real-time priority being nice alone would mean nothing.
        os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, thread, NICE)
