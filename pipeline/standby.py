"""A process in waiting: what nodes need is loaded, so that one that died is soon back."""

import importlib
import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from irvis import cli
from irvis.config import load
from irvis.settings import PipelineConfig, SyntheticSource

from .nodes import node_class, nodes_of
from .priority import step_back
from .process import spawn
from .sources.synthetic import build_scene

RUNTIMES = {"onnx": ("onnxruntime",), "openvino": ("openvino",), "auto": ("onnxruntime", "openvino")}
"""Kind of engine -> the libraries that it imports; they are not needed before it is opened."""


class Standby:
    """Starts nodes: in a process that waits for it if there is one, else in a new one.

    A process that waits sleeps until it reads which node to become from a pipe, whose other end is here alone: so
    it ends with this process, whatever ends that.

    Args:
        config: The system's configuration file.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._began_s = time.time()
        self._waiting: subprocess.Popen[str] | None = None

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        """Run a command of irvis; the process that does.

        Args:
            arguments: Of the command line.
        """
        process, self._waiting = self._waiting, None
        if process is not None:
            assert process.stdin is not None
            try:
                with process.stdin as pipe:
                    pipe.write(json.dumps(arguments))
            except BrokenPipeError:
                _end(process)
            else:
                return process
        return spawn(["irvis.cli", *arguments], self._began_s)

    def refill(self) -> None:
        """Have a process that waits."""
        if self._waiting is None:
            self._waiting = spawn(["pipeline.standby", str(self._config)], self._began_s, subprocess.PIPE)

    def close(self) -> None:
        """Have none."""
        process, self._waiting = self._waiting, None
        if process is not None:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    with process, suppress(BrokenPipeError):
        process.kill()


def main() -> None:
    """Load what the nodes of a configuration need, wait, and run the command that comes through the pipe."""
    config = load(PipelineConfig, Path(sys.argv[1]))
    preparation = threading.Thread(target=_prepare, args=(config,), name="preparation")
    preparation.start()
    preparation.join()
    if command := sys.stdin.read():
        arguments = json.loads(command)
        if "capture" not in arguments:
            build_scene.cache_clear()
        cli.main(arguments)


def _prepare(config: PipelineConfig) -> None:
    """Load what the nodes need, without taking the processor from those that are at work."""
    step_back()
    for name in nodes_of(config):
        node_class(name)
    for library in RUNTIMES.get(config.engine.kind, ()):
        importlib.import_module(library)
    if isinstance(config.visible, SyntheticSource) and not _is_asked():
        build_scene(config.visible.scene)


def _is_asked() -> bool:
    """Whether the command, or the end, is there already."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


if __name__ == "__main__":
    main()
