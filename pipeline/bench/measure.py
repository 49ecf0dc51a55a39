"""How fast: an engine alone, and a system of real nodes, each with its latencies."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from irvis.clock import NS_PER_MS
from irvis.engine import Engine
from irvis.engine.shapes import rounded
from irvis.errors import NodeError
from irvis.frame import FusedFrame, InfraredState, Pixels
from irvis.settings import PipelineConfig
from irvis.timing import Percentiles, RateMeter
from irvis.topics import Topic

from ..accounting.report import make_report
from ..plan import private
from ..supervision.supervisor import Supervisor
from ..transport import Subscriber

WARM_UP_FRAMES = 5
WARM_UP_S = 3.0
"""So long after its first frame a system is warm: before, its registration is estimated each second."""
FIRST_FRAME_S = 60.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A measured rate, never without its latencies.

    Attributes:
        fps: Frames per second.
        latency_ms: {"p50", "p95", "p99"} [ms]: of a frame in the engine, or from capture to publishing.
        pair_rate: Share of the fused frames with live infrared; None for an engine alone.
        drop_rate: Share of the visible frames of the whole run that were not fused; None for an engine alone.
    """

    fps: float
    latency_ms: dict[str, float]
    pair_rate: float | None = None
    drop_rate: float | None = None


def median_of(rates: Sequence[Rate]) -> Rate:
    """The median of several rates, number by number."""

    def median(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(statistics.median(known), 4) if known else None

    return Rate(
        fps=statistics.median(rate.fps for rate in rates),
        latency_ms={name: statistics.median(r.latency_ms[name] for r in rates) for name in rates[0].latency_ms},
        pair_rate=median([rate.pair_rate for rate in rates]),
        drop_rate=median([rate.drop_rate for rate in rates]),
    )


def ratio_of(rates: Sequence[Rate], others: Sequence[Rate]) -> float:
    """How many times as fast as the others: the median of the ratios within each round."""
    return round(statistics.median(one.fps / other.fps for one, other in zip(rates, others, strict=True)), 3)


def measure_engine(engine: Engine, size: tuple[int, int], seconds: float, batch: int = 1) -> Rate:
    """Time an engine with as many callers as it has streams, each with one frame after another.

    Args:
        engine: Which.
        size: Width and height of the frames [px].
        seconds: How long [s].
        batch: Frames in one call; latencies are of a call.

    Raises:
        EngineError: It failed.
    """
    width, height = rounded(size, engine.manifest.size_multiple) if batch > 1 else size
    noise = np.random.default_rng(0)
    visible = noise.integers(0, 256, (height, width, 3), np.uint8)
    infrared = noise.integers(0, 256, (height, width), np.uint8)
    run: Callable[[Pixels, Pixels], object] = engine.fuse
    if batch > 1:
        visible, infrared, run = np.stack([visible] * batch), np.stack([infrared] * batch), engine.infer
    for _ in range(WARM_UP_FRAMES):
        run(visible, infrared)
    durations = Percentiles()
    start_s = time.perf_counter()

    def call() -> int:
        frames, last_s = 0, time.perf_counter()
        while not frames or last_s - start_s < seconds:  # one at least, however busy the machine is
            run(visible, infrared)
            now_s = time.perf_counter()
            durations.add((now_s - last_s) * 1000)
            frames, last_s = frames + batch, now_s
        return frames

    with ThreadPoolExecutor(engine.streams) as callers:
        calls = [callers.submit(call) for _ in range(engine.streams)]
        frames = sum(each.result() for each in calls)
    return Rate(round(frames / (time.perf_counter() - start_s), 2), durations.summary())


def measure_pipeline(config: PipelineConfig, seconds: float) -> Rate:
    """Run a system of real nodes, with a subscriber that takes what it publishes.

    Args:
        config: The system; its visible source must go on for long enough.
        seconds: How long, once it is warm [s].

    Raises:
        NodeError: It published nothing, or not even pairs of frames.
        IrvisError: A node failed.
    """
    started = datetime.now().astimezone()
    with private(config) as (resolved, path):
        listener = _Listener(resolved.endpoints.fused)
        supervisor = Supervisor(resolved, path, lambda: listener.stop_after(seconds, supervisor))
        with listener:
            supervisor.run()
    report = make_report({name: node.tally for name, node in supervisor.nodes.items()}, started)
    if not (listener.rate.count and report.fused):
        raise NodeError(
            f"no fused frame came within {FIRST_FRAME_S:g} s, or none {WARM_UP_S:g} s after the first: "
            "see the nodes' lines above"
        )
    return Rate(
        round(listener.rate.mean_fps(), 2),
        listener.latency.summary(),
        pair_rate=round(listener.live / listener.rate.count, 4),
        drop_rate=round(1 - report.fused / report.frames_in["visible"], 4),
    )


class _Listener(threading.Thread):
    """Takes fused frames as a display would, and measures those that come when the system is warm."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(name="listener", daemon=True)
        self.rate = RateMeter()
        self.latency = Percentiles()
        self.live = 0
        self._endpoint = endpoint
        self._over = threading.Event()
        self._waits_since_s = time.monotonic()
        self._begun_s: float | None = None
        self._asked = False

    def run(self) -> None:
        subscriber = Subscriber(self._endpoint, Topic.FUSED)
        while not self._over.is_set():
            message = subscriber.receive(0.05)
            if isinstance(message, FusedFrame):
                self._take(message)
        subscriber.close()

    def _take(self, frame: FusedFrame) -> None:
        if self._begun_s is None:
            self._begun_s = time.monotonic()
        # One camera may stop before the other: what comes then is not the system at work.
        if time.monotonic() - self._begun_s >= WARM_UP_S and not self._asked:
            self.rate.tick()
            self.latency.add((frame.published_ns - frame.captured_ns) / NS_PER_MS)
            self.live += frame.contract.infrared_state is InfraredState.LIVE

    def stop_after(self, seconds: float, supervisor: Supervisor) -> None:
        """Stop the system when it has been measured for so long [s], or not heard at all for too long."""
        limit_s = WARM_UP_S + seconds if self.rate.count > 1 else FIRST_FRAME_S
        if not self._asked and time.monotonic() - (self._begun_s or self._waits_since_s) > limit_s:
            self._asked = True
            supervisor.stop()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()
