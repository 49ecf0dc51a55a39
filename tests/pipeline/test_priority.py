"""Threads that step back do, and take nobody with them."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.priority import NICE, step_back


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux alone")
def test_a_thread_steps_back_alone() -> None:
    def stepped() -> int:
        step_back()
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(stepped).result() == NICE
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
