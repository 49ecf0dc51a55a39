"""Cameras that fall silent and come back: what the fusion node publishes meanwhile, on real sockets."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from irvis.clock import now_ns
from irvis.frame import Frame, FusedFrame, InfraredState, Modality
from irvis.settings import PipelineConfig
from irvis.topics import Topic
from pipeline.accounting.health import HealthReporter
from pipeline.fusion.node import FuseNode
from pipeline.transport import Publisher, Subscriber

DEADLINE_S = 60.0
VISIBLE, INFRARED = Modality.VISIBLE, Modality.INFRARED
LEVEL = {VISIBLE: 60, INFRARED: 180}


class Cameras:
    """Two cameras that can be unplugged, and whoever watches what is fused."""

    def __init__(self, config: PipelineConfig) -> None:
        self.reporter = HealthReporter("fuse")
        self.fused = Subscriber(config.endpoints.fused, Topic.FUSED)
        self._publishers = {each: Publisher(config.endpoints.of(Topic(each)), Topic(each)) for each in Modality}
        self._sent = dict.fromkeys(Modality, 0)

    def see(self, *plugged: Modality) -> FusedFrame:
        """What is fused next while these cameras send."""
        deadline_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline_s:
            stamp_ns = now_ns()
            for camera in plugged:
                shape = (24, 32, 3) if camera is VISIBLE else (24, 32)
                pixels = np.full(shape, LEVEL[camera], np.uint8)
                seq, self._sent[camera] = self._sent[camera], self._sent[camera] + 1
                self._publishers[camera].publish(Frame(camera, pixels, stamp_ns, stamp_ns, seq, 7))
            message = self.fused.receive(0.02)
            if isinstance(message, FusedFrame):
                return message
        raise AssertionError(f"nothing was fused from {plugged}")

    def see_until(self, visible_lost: bool, infrared: InfraredState, *plugged: Modality) -> FusedFrame:
        """What is fused once it has come to this."""
        deadline_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline_s:
            contract = (frame := self.see(*plugged)).contract
            if (contract.visible_lost, contract.infrared_state) == (visible_lost, infrared):
                return frame
        raise AssertionError(f"{plugged} never gave {visible_lost=}, {infrared=}")

    def close(self) -> None:
        for each in self._publishers.values():
            each.close(0.0)
        self.fused.close()


@contextmanager
def running(folder: Path, **sync: object) -> Iterator[Cameras]:
    config = PipelineConfig.model_validate(
        {
            "visible": {"kind": "camera", "device": 0},
            "infrared": {"kind": "camera", "device": 1},
            "engine": {"kind": "average"},
            "sync": {"slop_ms": 20, "hold_ms": 100, "silence_ms": 150, **sync},
            "endpoints": {str(topic): f"ipc://{folder / topic}" for topic in Topic},
        }
    )
    stop = threading.Event()
    with closing(Cameras(config)) as cameras, ThreadPoolExecutor(1) as pool:
        node = pool.submit(FuseNode().run, config, stop, cameras.reporter)
        try:
            yield cameras
        finally:
            cameras.fused.close()
            stop.set()
            node.result(DEADLINE_S)


def test_each_camera_may_be_lost_and_comes_back_by_itself(tmp_path: Path) -> None:
    with running(tmp_path) as cameras:
        together = cameras.see_until(False, InfraredState.LIVE, VISIBLE, INFRARED)
        assert together.fused[0, 0].tolist() == [120] * 3

        alone = cameras.see_until(False, InfraredState.LOST, VISIBLE)
        assert alone.fused[0, 0].tolist() == [LEVEL[VISIBLE]] * 3
        cameras.see_until(False, InfraredState.LIVE, VISIBLE, INFRARED)

        alone = cameras.see_until(True, InfraredState.LIVE, INFRARED)
        assert alone.fused[0, 0].tolist() == [LEVEL[INFRARED]] * 3
        assert alone.fused.shape == together.fused.shape
        assert (alone.contract.visible_age_ns, alone.contract.is_stub) == (None, False)
        cameras.see_until(False, InfraredState.LIVE, VISIBLE, INFRARED)

        counts = cameras.reporter.status().counts
        assert counts["infrared_only"] > 0
        assert counts["infrared_lost"] > 0


def test_without_both_cameras_a_stub_says_so(tmp_path: Path) -> None:
    with running(tmp_path) as cameras:
        cameras.see_until(False, InfraredState.LIVE, VISIBLE, INFRARED)
        stub = cameras.see_until(True, InfraredState.LOST)
        assert stub.contract.is_stub
        assert stub.fused.shape == (24, 32, 3)
        assert not stub.labels.any()
        assert cameras.see().stamp_ns > stub.stamp_ns, "stubs go on"
        cameras.see_until(False, InfraredState.LIVE, VISIBLE, INFRARED)


def test_before_it_is_lost_the_infrared_is_held(tmp_path: Path) -> None:
    with running(tmp_path, hold_ms=10_000) as cameras:
        live = cameras.see_until(False, InfraredState.LIVE, VISIBLE, INFRARED)
        held = cameras.see_until(False, InfraredState.HELD, VISIBLE)
        assert held.fused[0, 0].tolist() == live.fused[0, 0].tolist()
        assert held.contract.skew_ns is not None
        assert held.contract.skew_ns < -20_000_000


def test_frames_that_are_old_when_they_come_are_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, stale_ms=1000) as cameras:
        cameras.see_until(False, InfraredState.LIVE, VISIBLE, INFRARED)
        with monkeypatch.context() as patch:
            patch.setitem(globals(), "now_ns", lambda: time.time_ns() - 10**10)
            dropped = cameras.see_until(True, InfraredState.LOST, VISIBLE, INFRARED).contract.dropped
        assert dropped["visible_stale"] > 0
        assert dropped["infrared_stale"] > 0
