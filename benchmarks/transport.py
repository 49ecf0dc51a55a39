"""How fast pairs of frames travel between two processes of one host: irvis, imagezmq and VidGear's NetGear.

    pip install imagezmq vidgear colorlog tqdm requests
    python benchmarks/transport.py --out benchmarks/results/transport.json

Every library gets the same frames: a visible one (H, W, 3) and an infrared one (H, W), as a pair. First as fast as
they go, with nothing lost, then at 30 pairs a second for the latency from sending to having both. The libraries
take turns, so that a machine's slow minutes fall on all of them; figures are medians over the rounds.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cyclopts import App

from irvis.frame import Frame, Modality
from irvis.topics import Topic
from pipeline.accounting import machine
from pipeline.transport import Publisher, Subscriber

SIZES = {"640x480": (480, 640), "1920x1080": (1080, 1920)}
PORT = 5990
PACE_S = 1 / 30
WARM_UP = 10
LIMIT_COPIES = 60
Pair = tuple[np.ndarray, np.ndarray]
Send = Callable[[int, Pair], None]
Receive = Callable[[], int]
"""Takes one pair; when it was sent [ns, monotonic]."""


def _irvis_sender(endpoint: str) -> Send:
    publishers = {each: Publisher(f"{endpoint}-{each}", Topic(each), lossless_subscribers=1) for each in Modality}
    for publisher in publishers.values():
        publisher.wait_for_subscribers(60)

    def send(seq: int, pair: Pair) -> None:
        stamp_ns = time.monotonic_ns()
        for modality, pixels in zip(Modality, pair, strict=True):
            publishers[modality].publish(Frame(modality, pixels, stamp_ns, stamp_ns, seq, 1))

    return send


def _irvis_receiver(endpoint: str) -> Receive:
    subscribers = [Subscriber(f"{endpoint}-{each}", Topic(each), "lossless") for each in Modality]

    def receive() -> int:
        frames = [subscriber.receive(60) for subscriber in subscribers]
        assert isinstance(frames[0], Frame)
        assert isinstance(frames[1], Frame)
        return frames[0].stamp_ns

    return receive


def _imagezmq_sender(endpoint: str) -> Send:
    import imagezmq

    sender = imagezmq.ImageSender(connect_to=f"tcp://127.0.0.1:{PORT}")

    def send(seq: int, pair: Pair) -> None:
        stamp_ns = str(time.monotonic_ns())
        for pixels in pair:
            sender.send_image(stamp_ns, pixels)

    return send


def _imagezmq_receiver(endpoint: str) -> Receive:
    import imagezmq

    hub = imagezmq.ImageHub(open_port=f"tcp://127.0.0.1:{PORT}")

    def receive() -> int:
        for _ in range(2):
            stamp_ns, _pixels = hub.recv_image()
            hub.send_reply(b"OK")
        return int(stamp_ns)

    return receive


def _netgear_options() -> dict[str, Any]:
    return {"address": "127.0.0.1", "port": str(PORT + 1), "protocol": "tcp", "pattern": 0, "logging": False}


def _netgear_sender(endpoint: str) -> Send:
    from vidgear.gears import NetGear

    sender = NetGear(**_netgear_options(), jpeg_compression=False)

    def send(seq: int, pair: Pair) -> None:
        # NetGear carries no text in this mode: the time goes into the first pixels.
        pair[1][0, :8] = np.frombuffer(time.monotonic_ns().to_bytes(8, "big"), np.uint8)
        for pixels in pair:
            sender.send(pixels)

    return send


def _netgear_receiver(endpoint: str) -> Receive:
    from vidgear.gears import NetGear

    receiver = NetGear(**_netgear_options(), receive_mode=True, jpeg_compression=False)

    def receive() -> int:
        for _ in range(2):
            while (pixels := receiver.recv()) is None:
                time.sleep(0.0005)
        return int.from_bytes(np.ravel(pixels)[:8].tobytes(), "big")

    return receive


LIBRARIES = {
    "irvis": (_irvis_sender, _irvis_receiver),
    "imagezmq": (_imagezmq_sender, _imagezmq_receiver),
    "NetGear": (_netgear_sender, _netgear_receiver),
}

app = App()


@app.default
def compare(*, out: Path | None = None, pairs: int = 300, rounds: int = 5) -> None:
    """Run all libraries at all sizes, in turn.

    Args:
        out: Also write the figures there, as JSON, with the machine's facts.
        pairs: How many to send in each run.
        rounds: How often each library has its turn.
    """
    figures: dict[str, Any] = {"machine": machine.facts(), "pairs": pairs, "rounds": rounds, "results": {}}
    for size, (height, width) in SIZES.items():
        limits_fps: list[float] = []
        measured: dict[str, list[dict[str, float]]] = {library: [] for library in LIBRARIES}
        for turn in range(rounds):
            limits_fps.append(_copy_limit_fps(height, width))
            for library in LIBRARIES:
                command = [sys.executable, __file__, "take-turn", library, str(height), str(width), str(pairs)]
                measured[library].append(json.loads(subprocess.check_output(command)))
                sys.stderr.write(f"{size} round {turn + 1}, {library}: {measured[library][-1]}\n")
        limit_fps = round(statistics.median(limits_fps), 1)
        figures["results"][size] = {"memory_copy_fps": limit_fps}
        for library, turns in measured.items():
            result = {name: round(statistics.median(one[name] for one in turns), 2) for name in turns[0]}
            result["share_of_memory_copy"] = round(result["fps"] / limit_fps, 3)
            figures["results"][size][library] = result
            sys.stdout.write(f"{size:>10} {library:>9}: {result}\n")
            sys.stdout.flush()
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


@app.command
def send(library: str, height: int, width: int, pairs: int, endpoint: str) -> None:
    """The sending process: first as fast as it goes, then paced."""
    made = _pairs(height, width)
    deliver = LIBRARIES[library][0](endpoint)
    for seq in range(2 * pairs):
        if seq >= pairs:
            time.sleep(PACE_S)
        deliver(seq, made[seq % len(made)])
    time.sleep(2.0)


@app.command
def take_turn(library: str, height: int, width: int, pairs: int) -> None:
    """The receiving process, which starts the other one and prints what it measured."""
    with tempfile.TemporaryDirectory(prefix="irvis-b-") as folder:
        sys.stdout.write(json.dumps(_measure(f"ipc://{folder}/pairs", library, height, width, pairs)))
        sys.stdout.flush()
    os._exit(0)  # NetGear's threads don't end


def _measure(endpoint: str, library: str, height: int, width: int, pairs: int) -> dict[str, float]:
    receive = LIBRARIES[library][1](endpoint)
    arguments = ["send", library, str(height), str(width), str(pairs), endpoint]
    with subprocess.Popen([sys.executable, __file__, *arguments]) as sender:
        for _ in range(WARM_UP):
            receive()
        start_s = time.perf_counter()
        for _ in range(pairs - WARM_UP):
            receive()
        fps = (pairs - WARM_UP) / (time.perf_counter() - start_s)
        latencies_ms = []
        for _ in range(pairs):
            sent_ns = receive()
            latencies_ms.append((time.monotonic_ns() - sent_ns) / 1e6)
        sender.kill()
    p50, p99 = np.percentile(latencies_ms, (50, 99))
    return {"fps": round(fps, 1), "p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}


def _copy_limit_fps(height: int, width: int) -> float:
    """Pairs a second that this machine copies in memory once, and does nothing else."""
    sources, target = _pairs(height, width), _pairs(height, width)[0]
    start_s = time.perf_counter()
    for copy in range(LIMIT_COPIES):
        for source, place in zip(sources[copy % len(sources)], target, strict=True):
            np.copyto(place, source)
    return LIMIT_COPIES / (time.perf_counter() - start_s)


def _pairs(height: int, width: int) -> list[Pair]:
    """Three pairs of noise: what is sent in turn."""
    noise = np.random.default_rng(0)
    visible, infrared = (height, width, 3), (height, width)
    return [
        (noise.integers(0, 256, visible, np.uint8), noise.integers(0, 256, infrared, np.uint8)) for _ in range(3)
    ]


if __name__ == "__main__":
    app()
