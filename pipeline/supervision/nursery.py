"""The process that nodes are forks of: what they need is loaded once, so that they begin at once and share it."""

import gc
import importlib
import json
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import cv2

from irvis import cli
from irvis.config import load
from irvis.frame import Modality
from irvis.settings import PipelineConfig, SyntheticSource

from ..sources.synthetic import draw_beforehand
from .nodes import node_class, nodes_of
from .process import rename

RUNTIMES = {"onnx": ("onnxruntime",), "openvino": ("openvino",), "auto": ("onnxruntime", "openvino")}
"""Kind of engine -> the libraries that it imports."""
READY = b"ready"
MESSAGE_BYTES = 1 << 16
BEFORE_ADOPTION_S = 0.001


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
        command, descriptors, _, _ = socket.recv_fds(link, MESSAGE_BYTES, 1)
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
