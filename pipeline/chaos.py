"""A system under attack: nodes killed and stopped, cameras failing, strangers talking; and an account of it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import psutil
import yaml

from irvis.frame import FusedFrame, InfraredState
from irvis.topics import Topic

from .transport import HealthSender, Subscriber

PATIENCE_S = 60.0
PAUSE_S = 1.0
NODES = ("capture", "fuse", "record")
MEASURED_FROM_S = 20.0
"""A process' memory is followed from this age on: until then it loads what it needs."""
LONG_LIFE_S = 60.0
FPS = 30
FRAGMENT_FRAMES = 2 * FPS
"""What a recorder that is killed may have taken since its last fragment of a second, at the cameras' rate."""
BYTES_PER_MIB = 1 << 20


@dataclass
class Account:
    """What came of it.

    Attributes:
        actions: How often each thing was done to the system.
        recovery_s: Time from the end of each until a live pair was fused again [s].
        growth_mib_per_min: Of each process that lived long enough, by node.
        more_files: How many more files such a process had open at its end, by node.
        report: What `irvis run --report` wrote.
        frames_in_files: Frames that its recordings hold, read back.
        left_behind: Processes, sockets and shared memory that were still there afterwards.
    """

    actions: dict[str, int] = field(default_factory=dict)
    recovery_s: list[float] = field(default_factory=list)
    growth_mib_per_min: dict[str, float] = field(default_factory=dict)
    more_files: dict[str, int] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    frames_in_files: int = 0
    left_behind: list[str] = field(default_factory=list)

    def lost_frames(self) -> dict[str, int]:
        """Frames that vanished without a word, by where, and those that the files lack."""
        killed = self.report["restarted"].get("record", 0)
        # A killed recorder may not have reported its last frames, and leaves its last fragment unwritten.
        allowed = killed * FRAGMENT_FRAMES
        missing = self.report["recorded"] - self.frames_in_files
        lost: dict[str, int] = dict(self.report["unaccounted"])
        return lost | ({"in the files": missing} if abs(missing) > allowed else {})


class System:
    """`irvis run` in a process of its own, with somebody who watches what is fused.

    Args:
        folder: For its configuration, sockets and recording; its path must be short.
        seed: Chooses what its cameras and links do wrong.
        seconds: For how long it is made to fail [s].
    """

    def __init__(self, folder: Path, seed: int, seconds: float) -> None:
        self._folder = folder
        self.endpoints = {str(topic): f"ipc://{folder / topic}" for topic in Topic}
        path = folder / "system.yaml"
        path.write_text(yaml.safe_dump(_configuration(folder, self.endpoints, seed, seconds)), encoding="utf-8")
        self._report = folder / "report.json"
        command = [sys.executable, "-m", "irvis.cli", "run", str(path), "--report", str(self._report)]
        (folder / "tmp").mkdir()
        self.log = (folder / "log").open("w")
        environment = os.environ | {"TMPDIR": str(folder / "tmp")}
        self.process = psutil.Popen(command, stdout=self.log, stderr=self.log, env=environment)
        self._watcher = Subscriber(self.endpoints["fused"], Topic.FUSED)

    def nodes(self) -> dict[str, psutil.Process]:
        """Its living processes by name, without itself."""
        found = {}
        for child in self.process.children():
            with suppress(psutil.Error):
                found.update({name: child for name in NODES if child.name() == f"irvis {name}"})
        return found

    def wait_for_live_pair(self) -> float:
        """Wait until a live pair is fused; how long it took [s].

        Raises:
            TimeoutError: None was, for a minute.
        """
        start_s = time.monotonic()
        while time.monotonic() - start_s < PATIENCE_S:
            message = self._watcher.receive_newest(0.1)
            if isinstance(message, FusedFrame) and message.contract.infrared_state is InfraredState.LIVE:
                return time.monotonic() - start_s
            if self.process.poll() is not None:
                raise TimeoutError(f"the system has ended:\n{(self._folder / 'log').read_text()}")
        raise TimeoutError(f"no live pair for {PATIENCE_S:g} s:\n{(self._folder / 'log').read_text()}")

    def finish(self) -> dict[str, Any]:
        """End it in order; its report."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)
        report: dict[str, Any] = json.loads(self._report.read_text())
        return report

    def left_behind(self) -> list[str]:
        """Its sockets and runtime files that are still there."""
        sockets = [str(path) for path in self._folder.iterdir() if path.is_socket()]
        return sockets + [str(path) for path in (self._folder / "tmp").iterdir()]

    def close(self) -> None:
        """End it at once, whatever it is at."""
        self._watcher.close()
        for process in [*self.process.children(), self.process] if self.process.is_running() else []:
            with suppress(psutil.Error):
                process.kill()
        self.process.wait(PATIENCE_S)
        self.log.close()


def attack(folder: Path, seconds: float, seed: int, tell: Callable[[str], None] = lambda line: None) -> Account:
    """Run a system and do everything to it that happens to such systems, in an order that the seed chooses.

    Args:
        folder: For its files; its path must be short.
        seconds: For how long [s]; each thing is done at least once.
        seed: Chooses what is done when.
        tell: Called with a line for each thing that is done.

    Raises:
        TimeoutError: The system did not come back.
    """
    chance = random.Random(seed)
    account = Account()
    memory = set(Path("/dev/shm").iterdir())
    with _running(folder, seed, seconds) as system:
        system.wait_for_live_pair()
        watch = _Watch()
        began = [system.process, *system.process.children(recursive=True)]
        end_s = time.monotonic() + seconds
        todo = chance.sample(list(ACTIONS), len(ACTIONS))
        while todo or time.monotonic() < end_s:
            # Later on nobody is killed, so that processes live long enough to show whether they grow.
            again = list(ACTIONS) if time.monotonic() < end_s - seconds / 2 else GENTLE
            todo = todo or chance.sample(again, len(again))
            name = todo.pop()
            tell(name)
            ACTIONS[name](system)
            account.actions[name] = account.actions.get(name, 0) + 1
            account.recovery_s.append(round(system.wait_for_live_pair(), 2))
            watch.look({"supervisor": system.process, **system.nodes()})
            time.sleep(PAUSE_S)
        account.report = system.finish()
        account.frames_in_files = sum(map(_frames_in, folder.glob("out*.mp4")))
        account.growth_mib_per_min, account.more_files = watch.growth(), watch.more_files()
        account.left_behind = system.left_behind()
        account.left_behind += [str(process) for process in began if process.is_running()]
    account.left_behind += [str(path) for path in set(Path("/dev/shm").iterdir()) - memory]
    return account


def _frames_in(path: Path) -> int:
    try:
        with av.open(path) as container:
            return sum(packet.size > 0 for packet in container.demux(video=0))
    except av.FFmpegError:  # killed before its first fragment
        return 0


def _kill(name: str) -> Callable[[System], None]:
    def kill(system: System) -> None:
        if process := system.nodes().get(name):
            process.kill()
            process.wait(PATIENCE_S)

    return kill


def _stop_recorder(system: System) -> None:
    """A sink that takes nothing for a second."""
    if process := system.nodes().get("record"):
        process.suspend()
        time.sleep(1.0)
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _talk_nonsense(system: System) -> None:
    sender = HealthSender(system.endpoints["health"])
    noise = random.Random(1)
    for _ in range(200):
        sender.send(noise.randbytes(noise.randrange(1, 300)))
    sender.close()


def _watch_and_die(system: System) -> None:
    """A viewer that never reads and is killed."""
    program = (
        "import sys, time; from irvis.topics import Topic; from pipeline.transport import Subscriber\n"
        "subscriber = Subscriber(sys.argv[1], Topic.FUSED); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, system.endpoints["fused"]]) as viewer:
        time.sleep(1.0)
        viewer.kill()


ACTIONS: dict[str, Callable[[System], None]] = {
    **{f"kill {name}": _kill(name) for name in NODES},
    "stop the recorder": _stop_recorder,
    "nonsense to the supervisor": _talk_nonsense,
    "a viewer that dies": _watch_and_die,
}
GENTLE = [name for name in ACTIONS if not name.startswith("kill")]


class _Watch:
    """Follows the memory and open files of processes."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], list[tuple[float, int, int]]] = {}

    def look(self, processes: dict[str, psutil.Process]) -> None:
        for name, process in processes.items():
            with suppress(psutil.Error):
                age_s = time.time() - process.create_time()
                if age_s > MEASURED_FROM_S:
                    sample = age_s, process.memory_info().rss, process.num_fds()
                    self._seen.setdefault((name, process.pid), []).append(sample)

    def growth(self) -> dict[str, float]:
        """Of the longest life of each node [MiB per minute]."""
        return {name: round(_slope(life), 3) for name, life in self._long_lives()}

    def more_files(self) -> dict[str, int]:
        return {name: life[-1][2] - life[0][2] for name, life in self._long_lives()}

    def _long_lives(self) -> Iterator[tuple[str, list[tuple[float, int, int]]]]:
        lives = sorted(self._seen.items(), key=lambda item: item[1][-1][0] - item[1][0][0])
        for (name, _), life in lives:
            if life[-1][0] - life[0][0] > LONG_LIFE_S:
                yield name, life


def _slope(life: list[tuple[float, int, int]]) -> float:
    first, last = life[: max(1, len(life) // 4)], life[-max(1, len(life) // 4) :]
    grown_bytes = sum(sample[1] for sample in last) / len(last) - sum(sample[1] for sample in first) / len(first)
    passed_s = last[len(last) // 2][0] - first[len(first) // 2][0]
    return grown_bytes / BYTES_PER_MIB / passed_s * 60


@contextmanager
def _running(folder: Path, seed: int, seconds: float) -> Iterator[System]:
    system = System(folder, seed, seconds)
    try:
        yield system
    finally:
        system.close()


def _configuration(folder: Path, endpoints: dict[str, str], seed: int, seconds: float) -> dict[str, Any]:
    chance = random.Random(seed)
    scene = {"width": 160, "height": 120, "ir_width": 160, "ir_height": 120}
    source = {"kind": "synthetic", "scene": scene, "prerender": 25}
    link = {"drop": 0.01, "duplicate": 0.01, "reorder": 0.01, "truncate": 0.01}

    def spans() -> list[list[float]]:
        starts = range(5, round(seconds) + 5, 12)
        return [[start, start + chance.uniform(0.3, 1.5)] for start in starts]

    return {
        "visible": {**source, "fps": FPS},
        "infrared": {**source, "fps": 9},
        "engine": {"kind": "average"},
        "sinks": [{"kind": "video", "path": str(folder / "out.mp4"), "layout": "overlay"}],
        "endpoints": endpoints,
        "supervision": {"max_restarts": 20, "backoff_s": 0.05, "steady_s": 1, "drain_s": 20},
        "faults": {
            "seed": seed,
            "visible": {**link, "silent": spans()},
            "infrared": {**link, "freeze": spans(), "shutter": spans()},
        },
    }
