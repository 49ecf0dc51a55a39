"""The system that is attacked: one camera through shared memory, the other over tcp with a clock of its own."""

import random
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from irvis.topics import Topic, clock_endpoint, lossless_endpoint

VISIBLE_FPS = 30
INFRARED_FPS = 9
EVERY_S = 12.0
"""Time from one failure of a camera to the next of the same kind [s]."""
SHARED_SIZE = {"width": 480, "height": 400, "ir_width": 240, "ir_height": 200}
"""Just large enough for visible frames to go through shared memory."""


def configuration(folder: Path, seed: int, seconds: float) -> dict[str, Any]:
    """A configuration of `irvis run`.

    Args:
        folder: For its sockets and recording.
        seed: Chooses what its cameras, links and clocks do wrong.
        seconds: For how long they shall [s].
    """
    chance = random.Random(seed)

    def moments(first_s: float) -> list[float]:
        return [first_s + EVERY_S * turn for turn in range(round(seconds / EVERY_S) + 1)]

    def spans(first_s: float) -> list[list[float]]:
        return [[start_s, start_s + chance.uniform(0.3, 0.8)] for start_s in moments(first_s)]

    source = {"kind": "synthetic", "scene": SHARED_SIZE, "prerender": 25}
    link = {"drop": 0.01, "duplicate": 0.01, "reorder": 0.01, "truncate": 0.01}
    endpoints = {str(topic): f"ipc://{folder / topic}" for topic in Topic} | {"infrared": free_endpoint()}
    return {
        "visible": {**source, "fps": VISIBLE_FPS},
        "infrared": {**source, "fps": INFRARED_FPS},
        "engine": {"kind": "average"},
        "sinks": [{"kind": "video", "path": str(folder / "out.mp4"), "layout": "overlay"}],
        "endpoints": endpoints,
        "health": {"port": free_port()},
        "supervision": {"max_restarts": 20, "backoff_s": 0.05, "steady_s": 1, "drain_s": 20},
        "faults": {
            "seed": seed,
            "visible": {**link, "silent": spans(5.0)},
            "infrared": {
                **link,
                "drift_ppm": 100,
                "freeze": spans(5.5),
                "shutter": spans(8.0),
                "jumps": [[at_s, chance.uniform(-5000, 5000)] for at_s in moments(2.0)],
            },
        },
    }


def free_port() -> int:
    """A port of this host that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def free_endpoint() -> str:
    """A tcp endpoint of this host whose port, and those of the links beside it, are free now."""
    while True:
        endpoint = f"tcp://127.0.0.1:{free_port()}"
        with ExitStack() as probes:
            try:
                for beside in (endpoint, lossless_endpoint(endpoint), clock_endpoint(endpoint)):
                    port = int(beside.rpartition(":")[2])
                    probes.enter_context(socket.create_server(("127.0.0.1", port)))
            except (OSError, OverflowError):
                continue
        return endpoint
