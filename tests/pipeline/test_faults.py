"""Faults that users can inject, through real capture and fusion nodes: each is found out and counted."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irvis.errors import WireError
from irvis.faults import CameraFaults, Faults
from irvis.frame import Frame, FusedFrame, InfraredState, Modality
from irvis.settings import PipelineConfig
from irvis.topics import Topic
from irvis.wire import End, end_of
from pipeline.accounting.health import HealthReporter
from pipeline.capture.node import CaptureNode
from pipeline.faults import FaultyLink
from pipeline.fusion.node import FuseNode
from pipeline.transport import Publisher, Subscriber

DEADLINE_S = 60.0
Condition = Callable[[FusedFrame], bool]
SCENE = {"width": 64, "height": 48, "ir_width": 64, "ir_height": 48}
SOURCE = {"kind": "synthetic", "fps": 50, "scene": SCENE, "prerender": 20}


class Rig:
    """Synthetic cameras with faults and the fusion node behind them."""

    def __init__(self, config: PipelineConfig) -> None:
        self.reporters = {"capture": HealthReporter("capture"), "fuse": HealthReporter("fuse")}
        self.fused = Subscriber(config.endpoints.fused, Topic.FUSED)

    def wait_for(self, condition: Condition) -> FusedFrame:
        deadline_s = time.monotonic() + DEADLINE_S
        seen: FusedFrame | None = None
        while time.monotonic() < deadline_s:
            message = self.fused.receive(0.1)
            if isinstance(message, FusedFrame) and condition(seen := message):
                return message
        raise AssertionError(f"it never came to that; last was {seen.contract if seen else None}")


@contextmanager
def rig(folder: Path, faults: dict[str, Any], endpoints: dict[str, str] | None = None) -> Iterator[Rig]:
    config = PipelineConfig.model_validate(
        {
            "visible": SOURCE,
            "infrared": SOURCE,
            "engine": {"kind": "average"},
            "sync": {"slop_ms": 8, "hold_ms": 200, "silence_ms": 300},
            "faults": faults,
            "endpoints": {**{str(topic): f"ipc://{folder / topic}" for topic in Topic}, **(endpoints or {})},
        }
    )
    stop = threading.Event()
    found = Rig(config)
    with ThreadPoolExecutor(2) as pool:
        nodes = [
            pool.submit(node.run, config, stop, found.reporters[node.name]) for node in (CaptureNode(), FuseNode())
        ]
        try:
            yield found
        finally:
            found.fused.close()
            stop.set()
            for node in nodes:
                node.result(DEADLINE_S)


def is_live(frame: FusedFrame) -> bool:
    return not frame.contract.visible_lost and frame.contract.infrared_state is InfraredState.LIVE


def is_lost(frame: FusedFrame) -> bool:
    return frame.contract.infrared_state is InfraredState.LOST


def test_every_fault_of_a_link_is_counted_by_its_reason(tmp_path: Path) -> None:
    bad = {"drop": 0.1, "duplicate": 0.1, "reorder": 0.1, "truncate": 0.1}
    reasons = {"lost_in_transport", "duplicate", "late", "undecodable"}
    wanted = {f"{modality}_{reason}" for modality in Modality for reason in reasons}
    with rig(tmp_path, {"seed": 3, "visible": bad, "infrared": bad}) as found:
        found.wait_for(lambda frame: wanted <= {name for name, count in frame.contract.dropped.items() if count})


@pytest.mark.parametrize("what", ["freeze", "shutter", "silent"])
def test_an_infrared_that_gives_nothing_new_is_lost_and_comes_back(tmp_path: Path, what: str) -> None:
    with rig(tmp_path, {"infrared": {what: [[1, 2]]}}) as found:
        found.wait_for(is_live)
        found.wait_for(is_lost)
        found.wait_for(is_live)
        reason = {"freeze": "frozen"}.get(what, what)
        assert found.reporters["capture"].status().dropped[f"infrared_{reason}"] > 0
        assert "infrared" not in found.reporters["capture"].detail


def test_without_visible_the_infrared_goes_on_alone_until_it_is_back(tmp_path: Path) -> None:
    with rig(tmp_path, {"visible": {"silent": [[1, 2]]}}) as found:
        found.wait_for(is_live)
        alone = found.wait_for(lambda frame: frame.contract.visible_lost)
        assert alone.contract.infrared_state is InfraredState.LIVE
        found.wait_for(is_live)


def test_the_clock_of_another_host_is_followed_even_when_it_is_set(
    tmp_path: Path, free_ports: Callable[[], tuple[str, str]]
) -> None:
    visible, infrared = free_ports()
    wrong = {"skew_ms": 700, "drift_ppm": 100, "jumps": [[2.5, -5000]]}
    with rig(tmp_path, {"infrared": wrong}, {"visible": visible, "infrared": infrared}) as found:
        before = found.wait_for(is_live)
        assert before.contract.skew_ns is not None
        assert abs(before.contract.skew_ns) < 8_000_000
        detail = found.reporters["fuse"].detail
        after = found.wait_for(lambda frame: is_live(frame) and "set 1x" in detail.get("infrared_clock", ""))
        assert after.contract.infrared_age_ns is not None
        assert abs(after.contract.infrared_age_ns) < 2_000_000_000, "by a clock that is 5 s off it would be that"


def test_faults_are_the_same_with_the_same_seed() -> None:
    faults = CameraFaults(drop=0.3, duplicate=0.2)

    def happened(seed: int) -> list[str | None]:
        return [faults.on_link(seed, Modality.VISIBLE, seq) for seq in range(200)]

    assert happened(1) == happened(1)
    assert happened(1) != happened(2)
    assert 40 < happened(1).count("drop") < 80
    assert Faults().of(Modality.INFRARED).on_link(0, Modality.INFRARED, 5) is None


def test_a_slow_link_delays_every_frame_and_holds_up_none(tmp_path: Path) -> None:
    endpoint, frames = f"ipc://{tmp_path}/visible", 20
    pixels = np.zeros((48, 64, 3), np.uint8)
    faults = Faults(visible=CameraFaults(latency_ms=100))
    with closing(Publisher(endpoint, Topic.VISIBLE, lossless_subscribers=1)) as publisher:
        link = FaultyLink(publisher, faults)
        given_s = []
        for seq in range(frames):
            given_s.append(time.monotonic())
            assert link.publish(Frame(Modality.VISIBLE, pixels, seq, seq, seq, 1)), (
                "nobody is there to take it yet"
            )
        with closing(Subscriber(endpoint, Topic.VISIBLE, "lossless")) as subscriber, ThreadPoolExecutor(1) as pool:
            ended = pool.submit(link.publish, end_of(1, frames))
            for seq in range(frames):
                frame = subscriber.receive(DEADLINE_S)
                assert isinstance(frame, Frame)
                assert frame.seq == seq
                assert time.monotonic() - given_s[seq] > 0.1
            assert isinstance(subscriber.receive(DEADLINE_S), End)
            assert ended.result(DEADLINE_S)


def test_what_a_slow_link_cannot_send_is_said_and_holds_up_nobody(tmp_path: Path) -> None:
    huge = Frame(Modality.VISIBLE, np.zeros((7000, 7000, 3), np.uint8), 0, 0, 0, 1)
    with closing(Publisher(f"ipc://{tmp_path}/visible", Topic.VISIBLE)) as publisher:
        link = FaultyLink(publisher, Faults(visible=CameraFaults(latency_ms=1)))
        link.publish(huge)
        with pytest.raises(WireError, match="147000000 bytes"):
            link.publish(end_of(1, 1))
