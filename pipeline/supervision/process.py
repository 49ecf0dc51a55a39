"""One node as a process: started in its own group, its log lines passed on, its death told."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from ..environment import RUN_BEGAN_S

NICE = 5
"""Of a process that gives way: a third of what another gets where both want the processor. Much less would be too
little for a lossless recording beside other programs, and what is live would wait for it."""


class Child(Protocol):
    """A child of this process, as `subprocess.Popen` has it; its stderr is a pipe."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def stderr(self) -> IO[str] | None:
        """What it writes there."""

    def poll(self) -> int | None:
        """How it ended, a signal as its negative number; None while it runs."""

    def wait(self) -> int:
        """Wait for its end; how that was."""

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it still runs."""


class ForkedChild:
    """A child that was not started by `subprocess`.

    Args:
        pid: Its process id.
        stderr: The reading end of its pipe.
    """

    def __init__(self, pid: int, stderr: IO[str]) -> None:
        self.pid = pid
        self.stderr = stderr
        self._code: int | None = None

    def poll(self) -> int | None:
        """How it ended, a signal as its negative number; None while it runs."""
        return self._reap(os.WNOHANG)

    def wait(self) -> int:
        """Wait for its end; how that was."""
        code = self._reap(0)
        assert code is not None
        return code

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def _reap(self, options: int) -> int | None:
        if self._code is None:
            found, status = os.waitpid(self.pid, options)
            self._code = os.waitstatus_to_exitcode(status) if found else None
        return self._code


def spawn(
    command: Sequence[str],
    began_s: float,
    stdin: int = subprocess.DEVNULL,
    stderr: int | None = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Start a module as a program.

    It has its own process group, so that Ctrl-C on the terminal reaches the supervisor alone, which then stops the
    nodes in order.

    Args:
        command: The module's name and its arguments.
        began_s: When the run began that it is part of [s, Unix epoch].
        stdin: What it reads, as `subprocess` has it.
        stderr: Where it writes errors, as `subprocess` has it.
    """
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=stdin,
        stderr=stderr,
        text=True,
        errors="replace",
        env=os.environ | {RUN_BEGAN_S: str(began_s)},
        start_new_session=True,
    )


class NodeProcess:
    """A node that runs beside this process.

    Args:
        name: Of the node.
        process: That it runs in.
    """

    def __init__(self, name: str, process: Child) -> None:
        self._process = process
        assert self._process.stderr is not None
        self._lines = threading.Thread(target=_pass_on, args=(name, self._process.stderr), daemon=True)
        self._lines.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """How it ended, a signal as its negative number; None while it runs."""
        return self._process.poll()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def close(self) -> None:
        """End it at once if it still runs, and take its last lines."""
        self.tell(signal.SIGKILL)
        self._process.wait()
        self._lines.join(timeout=1.0)


def rename(name: str) -> None:
    """Tell `top` and `ps` what this process is, where the system can."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name, encoding="ascii")


def give_way() -> None:
    """Let processes that are in more of a hurry have the processor first.

    Where the kernel shares the processor among sessions, the session gives way, if it is this process's own.
    """
    os.nice(NICE)  # on top of what it was started with, which nobody may take back
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # no such groups here
            Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


def describe_exit(code: int) -> str:
    """What an exit code says.

    Example:
        >>> describe_exit(-9), describe_exit(3)
        ('was killed by SIGKILL', 'failed with exit code 3')
    """
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"failed with exit code {code}"


def _pass_on(name: str, lines: IO[str]) -> None:
    """The node's lines have their own time and level; they only get its name, and JSON ones tell the process."""
    with lines:
        for line in lines:
            sys.stderr.write(line if line.startswith("{") else f"{name}: {line}")
