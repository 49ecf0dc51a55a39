"""One node under supervision: its process, what it has reported, and how it ended."""

import logging
import os
import signal
import time
from pathlib import Path
from typing import cast

from irvis.errors import ConfigError, EngineError, IrvisError, SourceError

from ..accounting.health import VERSION, NodeStatus, State
from ..accounting.tally import NodeTally
from .process import NodeProcess, describe_exit
from .standby import Standby

log = logging.getLogger(__name__)

SAID_WHY = {error.exit_code for error in (ConfigError, SourceError, EngineError)}
"""Exit codes of nodes that said what is wrong; others died."""


class Supervised:
    """A node that is started, watched, restarted and stopped.

    Attributes:
        tally: What it has reported through all its lives.
        over_s: When it ended for good [s, monotonic]; None before.
        failed: Whether it ended for good with an error.
        died: Whether it ended without a word, so that those behind it wait in vain.
        progress_s: When it last got on [s, monotonic].
        told_s: When it was told to stop [s, monotonic]; None if it wasn't.
        restarts_in_a_row: Restarts since it last ran for `steady_s`.

    Args:
        name: Of the node.
        steady_s: A node that has run for so long [s] starts with a clean slate when it dies.
    """

    def __init__(self, name: str, steady_s: float) -> None:
        self.restarts_in_a_row = 0
        self._steady_s = steady_s
        self._started_s = 0.0
        self.tally = NodeTally(name)
        self.over_s: float | None = None
        self.failed = False
        self.died = False
        self.progress_s = time.monotonic()
        self.told_s: float | None = None
        self._process: NodeProcess | None = None
        self._due_s = self.progress_s

    @property
    def name(self) -> str:
        """Of the node."""
        return self.tally.name

    @property
    def pid(self) -> int | None:
        """Its process id; None while there is no process."""
        return self._process.pid if self._process else None

    @property
    def state(self) -> str:
        """What it is at: waiting (to be started), starting, running, draining, ended or failed."""
        if self.over_s is not None:
            return "failed" if self.failed else "ended"
        if self._process is None:
            return "waiting"
        status = self.tally.latest
        return status.state if status and status.pid == self.pid else "starting"

    def status(self) -> NodeStatus:
        """What it has reported, with its lives added up."""
        last = self.tally.latest
        return NodeStatus(
            version=VERSION,
            node=self.name,
            pid=self.pid or 0,
            state="failed" if self.state in ("waiting", "failed") else cast(State, self.state),
            counts=dict(self.tally.counts()) | {"restarts": self.tally.restarts},
            dropped=dict(self.tally.dropped()),
            fps=last.fps if last else 0.0,
            mean_fps=last.mean_fps if last else 0.0,
            latency_ms=last.latency_ms if last else {},
            detail=last.detail if last else {},
            sent_ns=last.sent_ns if last else 0,
        )

    def start_if_due(self, config: Path, standby: Standby) -> None:
        """Start its process, if it has none, its time has come, and one can be started now."""
        now_s = time.monotonic()
        if self._process is None and self.over_s is None and now_s >= self._due_s:
            child = standby.start(self.command(config))
            if child:
                self._process = NodeProcess(self.name, child)
                self.progress_s = self._started_s = now_s

    def command(self, config: Path) -> list[str]:
        """Arguments of the `irvis` command that is this node; one that chose its engine keeps it."""
        level = logging.getLevelName(log.getEffectiveLevel())
        command = ["--log-level", level, "node", self.name, str(config), "--supervisor", str(os.getpid())]
        kind = self.tally.latest.detail.get("engine_kind") if self.tally.latest else None
        return [*command, "--set", f"engine.kind={kind}"] if kind else command

    def take(self, status: NodeStatus) -> None:
        """Take what it reports."""
        if self.tally.take(status):
            self.progress_s = time.monotonic()

    def tell(self, number: signal.Signals) -> None:
        """Send its process a signal, if there is one."""
        if self._process:
            self.told_s = self.told_s or time.monotonic()
            self._process.tell(number)

    def kill(self) -> bool:
        """Let its process die like one that crashed; False if none runs now."""
        if self._process is None or self._process.exit_code() is not None:
            return False
        self._process.tell(signal.SIGKILL)
        return True

    def exit_code(self) -> int | None:
        """How its process ended; None while it runs or there is none."""
        code = self._process.exit_code() if self._process else None
        if code is not None and time.monotonic() - self._started_s > self._steady_s:
            self.restarts_in_a_row = 0
        return code

    def bury(self, *, failed: bool = False, died: bool = False) -> None:
        """Let go of its process, which is over; for good."""
        self.close()
        self.over_s, self.failed, self.died = time.monotonic(), failed, died

    def restart_in(self, wait_s: float) -> None:
        """Let go of its process, which is over, and start another in a while."""
        self.close()
        self.tally.restarts += 1
        self.restarts_in_a_row += 1
        self._due_s = time.monotonic() + wait_s

    def close(self) -> None:
        """End its process if there is one."""
        if self._process:
            self._process.close()
            self._process = None

    def refused(self, code: int) -> IrvisError | None:
        """The error of a node that said why it can't work; None if it may work when it is started again.

        That is so before its first frame. A capture node that says so later has ended its streams, and those
        behind it end with them; others are tried again, like all that were killed.
        """
        ended_its_streams = code in SAID_WHY and self.name == "capture"
        if code < 0 or (self.tally.counts().total() and not ended_its_streams):
            return None
        error = IrvisError(f"{self.name}: {self._message() or describe_exit(code)}")
        error.exit_code = code
        return error

    def explain_exit(self, code: int) -> str:
        """What its end says, with its own message where it left one."""
        message = self._message()
        return f"{describe_exit(code)}: {message}" if message else describe_exit(code)

    def _message(self) -> str | None:
        status = self.tally.latest
        said = status is not None and status.pid == self.pid and status.state == "failed"
        return status.detail.get("message") if status and said else None
