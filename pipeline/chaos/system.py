"""A running system as an attacker and a viewer see it."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import yaml

from irvis.clock import now_ns
from irvis.closing import Closing
from irvis.frame import FusedFrame, InfraredState
from irvis.topics import Topic
from irvis.wire import Message

from ..transport import Subscriber
from .configuration import configuration

PATIENCE_S = 180.0
LOOK_S = 0.05
NODES = ("capture", "fuse", "record")


class System(Closing):
    """`irvis run` in a process of its own, with somebody who watches what is fused; a context manager.

    Args:
        folder: For its configuration, sockets and recording; its path must be short.
        seed: Chooses what its cameras and links do wrong.
        seconds: For how long it is made to fail [s].

    Attributes:
        endpoints: Of its topics.
        process: The supervisor.
        seen: All its processes so far.
    """

    def __init__(self, folder: Path, seed: int, seconds: float) -> None:
        self._folder = folder
        settings = configuration(folder, seed, seconds)
        self.endpoints: dict[str, str] = settings["endpoints"]
        self._health = f"http://127.0.0.1:{settings['health']['port']}/health"
        path = folder / "system.yaml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self._report = folder / "report.json"
        (folder / "tmp").mkdir()
        with (folder / "log").open("w") as log:
            self.process = psutil.Popen(
                [sys.executable, "-m", "irvis.cli", "run", str(path), "--report", str(self._report)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"TMPDIR": str(folder / "tmp")},
            )
        self.seen: set[psutil.Process] = {self.process}
        self._killed: set[int] = set()
        self._watcher = Subscriber(self.endpoints["fused"], Topic.FUSED)

    def nodes(self) -> dict[str, psutil.Process]:
        """Its living processes by name, without the supervisor."""
        children = self.process.children(recursive=True)
        self.seen.update(children)
        found = {}
        for child in children:
            with suppress(psutil.Error):
                found.update({name: child for name in NODES if child.name() == f"irvis {name}"})
        return found

    def kill(self, name: str) -> None:
        """Let a node die like one that crashed."""
        if process := self.nodes().get(name):
            self._killed.add(process.pid)
            process.kill()

    def wait_until_well(self) -> float:
        """Wait until all nodes work and a live pair that was captured from now on is fused; how long it took [s].

        Raises:
            TimeoutError: That was not so for a minute.
        """
        start_s, start_ns = time.monotonic(), now_ns()
        is_live = False
        while (took_s := time.monotonic() - start_s) < PATIENCE_S:
            message = self._watcher.receive_newest(LOOK_S)
            is_live = is_live or _is_live(message, start_ns)
            if is_live and self._all_work():
                return took_s
            if self.process.poll() is not None:
                raise TimeoutError(f"the system has ended:\n{(self._folder / 'log').read_text()}")
        raise TimeoutError(f"not well for {PATIENCE_S:g} s:\n{(self._folder / 'log').read_text()}")

    def finish(self) -> dict[str, Any]:
        """End it in order; its report."""
        self.nodes()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)
        report: dict[str, Any] = json.loads(self._report.read_text())
        return report

    def left_behind(self) -> list[str]:
        """Its processes, sockets and runtime files that are still there."""
        files = [*filter(Path.is_socket, self._folder.iterdir()), *(self._folder / "tmp").iterdir()]
        return [str(each) for each in [*files, *(process for process in self.seen if process.is_running())]]

    def close(self) -> None:
        """End it at once, whatever it is at."""
        self._watcher.close()
        for process in [*self.process.children(), self.process] if self.process.is_running() else []:
            with suppress(psutil.Error):
                process.kill()
        self.process.wait(PATIENCE_S)

    def _all_work(self) -> bool:
        try:
            with urlopen(self._health, timeout=PATIENCE_S) as answer:
                nodes = json.load(answer)["nodes"]
        except OSError:  # an HTTP error, too: a node is not well
            return False
        return all(node["state"] == "running" and node["pid"] not in self._killed for node in nodes)


def _is_live(message: Message | None, since_ns: int) -> bool:
    if not isinstance(message, FusedFrame) or message.captured_ns < since_ns:
        return False
    return not message.contract.visible_lost and message.contract.infrared_state is InfraredState.LIVE
