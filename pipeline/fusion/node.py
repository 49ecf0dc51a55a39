"""The fusion node: pairs in, fused frames with their pair contract out.

Threads overlap: one receives and pairs, one for each of the engine's streams aligns and infers (which releases the
GIL), one publishes in the order of the pairs.
On `latest` links a newer pair replaces one that still waits for the engine; on `lossless` links all wait.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import chain
from typing import NamedTuple

from irvis.clock import now_ns
from irvis.engine import Engine
from irvis.frame import FramePair, FusedFrame, PairContract
from irvis.rig import Size
from irvis.settings import PipelineConfig
from irvis.timing import DropCounter
from irvis.topics import Topic
from irvis.wire import end_of

from ..accounting.health import REPORT_S, HealthReporter
from ..handoff import Handoff
from ..node import DRAIN_SHARE, FrameGuard, patience
from ..transport import Publisher
from .fuser import FusedPair, Fuser, expected_size
from .intake import Intake

OUTBOX_FRAMES = 2
PAIRS_WAITING = {"latest": 1, "lossless": 2}


class FuseNode:
    """Subscribes to both cameras, publishes fused frames."""

    name = "fuse"

    def run(self, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
        """Fuse until the visible stream ends, or until stopped; then finish what is held and publish the End.

        Raises:
            ConfigError: An endpoint, or the artifact's or engine's name, can't be used.
            RigError: The rig can't be read, or does not fit the frames.
            EngineError: The engine can't be loaded, or failed for many frames in a row.
        """
        lossless = sum(sink.link == "lossless" for sink in config.sinks)
        fuser = Fuser(config, watch=reporter.detail)
        publisher = Publisher(config.endpoints.fused, Topic.FUSED, lossless_subscribers=lossless)
        try:
            # Where the size is known, frames are not asked for before the engine can take them.
            size = expected_size(config)
            if size:
                _open(fuser, size, reporter)
            # Where a start is given, stamps are a recording's time, which no clock shifts.
            live = config.sync.link == "latest" and config.capture.start_ns is None
            delay_ms = fuser.infrared_delay_ms
            with closing(
                Intake(
                    config.endpoints, config.sync, reporter, size, track_clocks=live, infrared_delay_ms=delay_ms
                )
            ) as intake:
                _Fusion(config, intake, fuser, publisher, stop, reporter).run()
        finally:
            drain_s = config.supervision.drain_s
            publisher.close(drain_s * (1 - DRAIN_SHARE) if stop.is_set() else drain_s)


class _Waiting(NamedTuple):
    """A pair that waits for the engine, how long it took to make, and since when it is there [s, perf_counter]."""

    pair: FramePair
    sync_ms: float
    paired_s: float


class _Fusion:
    """The threads of one run and what passes between them."""

    def __init__(
        self,
        config: PipelineConfig,
        intake: Intake,
        fuser: Fuser,
        publisher: Publisher,
        stop: threading.Event,
        reporter: HealthReporter,
    ) -> None:
        self._intake = intake
        self._fuser = fuser
        self._publisher = publisher
        self._stop = stop
        self._reporter = reporter
        self._carry_inputs = config.fuse.carry_inputs
        self._dropped = DropCounter()
        self._guard = FrameGuard(self._dropped, "engine_failed")
        self._failed = threading.Event()
        self._is_out_of_time = patience(stop, config.supervision.drain_s)
        self._engine = ""
        self._before_engine = 0
        replace = config.sync.link == "latest"
        self._pairs = Handoff[_Waiting](PAIRS_WAITING[config.sync.link], replace=replace)
        self._outbox = Handoff[Future[FusedPair]](OUTBOX_FRAMES)

    def run(self) -> None:
        """Work until all threads have finished; raises what the first of them raised."""
        with ThreadPoolExecutor(3, thread_name_prefix="fuse") as threads:
            working = [threads.submit(work) for work in (self._receive, self._infer, self._publish)]
            while True:
                done, unfinished = wait(working, REPORT_S, FIRST_EXCEPTION)
                self._reporter.dropped = DropCounter(self._all_dropped())
                self._reporter.detail.update(self._intake.describe())
                if any(each.exception() for each in done):
                    self._abandon()
                if not unfinished:
                    break
        self._reporter.dropped = DropCounter(self._all_dropped())
        for each in working:
            each.result()

    def _receive(self) -> None:
        for pair, sync_ms in self._intake.pairs(self._stop):
            waiting = _Waiting(pair, sync_ms, time.perf_counter())
            # Pairs that were decided together may all wait, until the next comes: none of them is old yet.
            self._pairs.put(waiting, extra=self._intake.decided_before)
        self._reporter.enter("draining")
        self._pairs.close()

    def _infer(self) -> None:
        pairs = iter(self._pairs)
        first = next(pairs, None)
        if first is not None:
            height, width = first.pair.visible.pixels.shape[:2]
            engine = _open(self._fuser, (width, height), self._reporter)
            self._before_engine, self._engine = self._pairs.let_go, engine.fingerprint
            todo, turn = chain((first,), pairs), threading.Lock()
            with ThreadPoolExecutor(engine.streams, thread_name_prefix="infer") as streams:
                working = [streams.submit(self._fuse_all, todo, turn) for _ in range(engine.streams)]
            for each in working:
                each.result()
        self._outbox.close()

    def _fuse_all(self, pairs: Iterator[_Waiting], turn: threading.Lock) -> None:
        """One stream: takes a pair only when it is idle, until then a newer one may still replace it."""
        while True:
            with turn:
                waiting = next(pairs, None)
                if waiting is None:
                    return
                result = Future[FusedPair]()
                self._outbox.put(result)
            try:
                result.set_result(self._fuse(waiting))
            except Exception as exc:  # raised again when it is this pair's turn to be published
                result.set_exception(exc)

    def _fuse(self, waiting: _Waiting) -> FusedPair:
        queue_ms = _ms_since(waiting.paired_s)
        fused = self._fuser.fuse(waiting.pair)
        fused.stages_ms.update(sync=round(waiting.sync_ms, 3), queue=queue_ms)
        return fused

    def _publish(self) -> None:
        published = 0
        stream_id = 0
        for fused in self._finished():
            frame = self._frame(fused)
            published = 0 if frame.stream_id != stream_id else published
            stream_id = frame.stream_id
            if self._publisher.publish(frame, self._gives_up):
                # The End tells how many of the visible stream's frames there were.
                published += not frame.contract.visible_lost
                self._reporter.frame_done("fused", frame.published_ns - frame.captured_ns)
            else:
                self._dropped["undelivered"] += 1
        if not self._failed.is_set():
            self._publisher.publish(end_of(stream_id or self._intake.stream_id, published), self._gives_up)
            self._publisher.await_end(self._gives_up)

    def _finished(self) -> Iterator[FusedPair]:
        """What the streams made, in the order of the pairs."""
        for future in self._outbox:
            with self._guard:
                yield future.result()

    def _frame(self, done: FusedPair) -> FusedFrame:
        visible, infrared = done.pair.visible, done.pair.infrared
        published_ns = now_ns()
        contract = PairContract(
            skew_ns=done.pair.skew_ns,
            visible_age_ns=None if done.pair.visible_lost else published_ns - visible.captured_ns,
            infrared_age_ns=None if infrared is None else published_ns - infrared.captured_ns,
            infrared_state=done.pair.infrared_state,
            rig_id=self._fuser.rig_id,
            engine=self._engine,
            stages_ms={**done.stages_ms, "publish": _ms_since(done.finished_s)},
            dropped=self._all_dropped(),
            visible_lost=done.pair.visible_lost,
            registration=self._fuser.registration,
        )
        return FusedFrame(
            fused=done.fused,
            labels=done.labels,
            stamp_ns=visible.stamp_ns,
            captured_ns=visible.captured_ns,
            published_ns=published_ns,
            seq=visible.seq,
            stream_id=visible.stream_id,
            contract=contract,
            visible=visible.pixels if self._carry_inputs else None,
            infrared=done.infrared if self._carry_inputs else None,
        )

    def _all_dropped(self) -> dict[str, int]:
        let_go = self._pairs.let_go
        starting = self._before_engine if self._engine else let_go
        dropped = {
            **self._intake.dropped(),
            **self._dropped,
            "engine_starting": starting,
            "pair_superseded": let_go - starting,
        }
        return {reason: count for reason, count in dropped.items() if count}

    def _gives_up(self) -> bool:
        return self._failed.is_set() or self._is_out_of_time()

    def _abandon(self) -> None:
        self._failed.set()
        self._stop.set()
        self._pairs.abandon()
        self._outbox.abandon()


def _open(fuser: Fuser, size: Size, reporter: HealthReporter) -> Engine:
    """Load the engine and report it."""
    engine = fuser.open(size)
    reporter.detail.update(engine=engine.fingerprint, engine_kind=engine.kind, engine_choice=engine.choice)
    if reporter.state == "starting":
        reporter.enter("running")
    return engine


def _ms_since(start_s: float) -> float:
    return round((time.perf_counter() - start_s) * 1000, 3)
