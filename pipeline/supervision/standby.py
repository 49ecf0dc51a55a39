"""How nodes are started: as forks of a process that stands by, which `nursery` is, or each by itself."""

import ctypes
import json
import logging
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from .nursery import MESSAGE_BYTES, READY
from .process import Child, ForkedChild, spawn

log = logging.getLogger(__name__)

PR_SET_CHILD_SUBREAPER = 36
ANSWER_S = 10.0


class Standby:
    """Starts nodes: as forks of a process that stands by, or without one each in a process of its own.

    The process that stands by ends with this one, whatever ends that: it reads from a socket whose other end is
    here alone. Its forks become children of this process, which only Linux can do.

    Args:
        config: The system's configuration file.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._began_s = time.time()
        self._process: subprocess.Popen[str] | None = None
        self._link: socket.socket | None = None
        self._ready = False

    def open(self) -> None:
        """Have a process stand by from now on; where that can't be, nothing happens."""
        if not _adopts_orphans(True):
            return
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.settimeout(ANSWER_S)
        with theirs:
            command = ["pipeline.supervision.nursery", str(self._config)]
            self._process = spawn(command, self._began_s, theirs.fileno(), None)

    def start(self, arguments: Sequence[str]) -> Child | None:
        """Run a command of irvis.

        Args:
            arguments: Of the command line.

        Returns:
            The process that does; None as long as the one that stands by is not ready.
        """
        if self._link is None:
            return spawn(["irvis.cli", *arguments], self._began_s)
        try:
            if not self._is_ready(self._link):
                return None
            return _fork(self._link, arguments)
        except OSError as exc:
            log.warning("the process that stood by is gone (%s): nodes start without it", exc)
            self.close()
            return self.start(arguments)

    def close(self) -> None:
        """Have none."""
        if self._link and self._process:
            self._link.close()
            with self._process:
                self._process.kill()
            _adopts_orphans(False)
        self._link = self._process = None

    def _is_ready(self, link: socket.socket) -> bool:
        if not self._ready and select.select([link], [], [], 0)[0]:
            self._ready = _received(link) == READY
        return self._ready


def _fork(link: socket.socket, arguments: Sequence[str]) -> ForkedChild:
    reading, writing = os.pipe()
    lines: IO[str] = os.fdopen(reading, errors="replace")
    try:
        socket.send_fds(link, [json.dumps(arguments).encode()], [writing])
        return ForkedChild(int(_received(link)), lines)
    except OSError:
        lines.close()
        raise
    finally:
        os.close(writing)


def _received(link: socket.socket) -> bytes:
    message = link.recv(MESSAGE_BYTES)
    if not message:
        raise ConnectionResetError("it has ended")
    return message


def _adopts_orphans(adopts: bool) -> bool:
    """Choose whether descendants whose parents have ended become this process's children; False if it can't be."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(adopts), 0, 0, 0) == 0)
