"""A process that has loaded what the nodes need, and that they are forks of: they begin at once, and share it."""

import ctypes
import gc
import importlib
import json
import logging
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import cv2

from irvis import cli
from irvis.config import load
from irvis.frame import Modality
from irvis.settings import PipelineConfig, SyntheticSource

from .nodes import node_class, nodes_of
from .process import Child, ForkedChild, rename, spawn
from .sources.synthetic import draw_beforehand

log = logging.getLogger(__name__)

RUNTIMES = {"onnx": ("onnxruntime",), "openvino": ("openvino",), "auto": ("onnxruntime", "openvino")}
"""Kind of engine -> the libraries that it imports."""
PR_SET_CHILD_SUBREAPER = 36
READY = b"ready"
MESSAGE_BYTES = 1 << 16
ANSWER_S = 10.0
BEFORE_ADOPTION_S = 0.001


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
            self._process = spawn(["pipeline.standby", str(self._config)], self._began_s, theirs.fileno(), None)

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


def main() -> None:
    """Load what the nodes of a configuration need, then be forked for each command that comes in."""
    rename("irvis standby")
    arguments: list[str] = []
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as link:
        _point(sys.stdin.fileno(), os.open(os.devnull, os.O_RDONLY))
        _prepare(load(PipelineConfig, Path(sys.argv[1])))
        with suppress(OSError):  # the one who asks has gone, or there is no room for another process
            link.send(READY)
            arguments = _serve(link)
    if arguments:
        cli.main(arguments)


def _prepare(config: PipelineConfig) -> None:
    """Load what the nodes need; what is missing they will say themselves."""
    cv2.setNumThreads(1)  # forks have none of the threads that were started before
    for name in nodes_of(config):
        with suppress(ImportError):
            node_class(name)
    for library in RUNTIMES.get(config.engine.kind, ()):
        with suppress(ImportError):
            importlib.import_module(library)
    for source, modality in ((config.visible, Modality.VISIBLE), (config.infrared, Modality.INFRARED)):
        if isinstance(source, SyntheticSource):
            draw_beforehand(source, modality)
    gc.freeze()  # forks share what their collectors don't touch


def _serve(link: socket.socket) -> list[str]:
    """Fork for each command; returns its arguments in the fork, and none here when no more can come."""
    while True:
        command, (*descriptors,), _, _ = socket.recv_fds(link, MESSAGE_BYTES, 1)
        if not command:
            return []
        between = os.fork()
        if not between:
            _leave_to_be_adopted()
            os.setsid()
            _point(sys.stderr.fileno(), descriptors[0])
            link.send(str(os.getpid()).encode())
            arguments: list[str] = json.loads(command)
            return arguments
        os.waitpid(between, 0)
        os.close(descriptors[0])


def _leave_to_be_adopted() -> None:
    """Go on in a fork, once this process has ended and whoever adopts has done so."""
    parent = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == parent:
        time.sleep(BEFORE_ADOPTION_S)


def _point(descriptor: int, to: int) -> None:
    """Let a descriptor stand for what another one does, which is closed."""
    os.dup2(to, descriptor)
    os.close(to)


if __name__ == "__main__":
    main()
