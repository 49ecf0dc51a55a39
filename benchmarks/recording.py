"""What a recording costs: python benchmarks/recording.py [--seconds 10] [--folder FOLDER] [--out FILE].

Another process publishes frames of the synthetic street, 640x480 at 25 a second, and the recording nodes take them
as in a live system: visible, infrared, fused and labels into MCAP by payload, the four panels into an MP4. Tells
the node's processor time by second of frames, of all its threads and with what receiving costs, and what it wrote.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from irvis.clock import now_ns
from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract
from irvis.scene import Scene, SceneConfig
from irvis.settings import McapSink, PipelineConfig, SyntheticSource
from irvis.topics import Topic
from irvis.wire import end_of
from pipeline.accounting.health import HealthReporter
from pipeline.accounting.machine import facts
from pipeline.sinks.mcap import McapNode
from pipeline.sinks.record import RecordNode
from pipeline.transport import Publisher

FPS = 25
DRAWN = 25
"""Frames of the street that are drawn, and published again and again."""
STREAM_ID = 1
SINKS = {
    **{f"mcap {payload}": {"kind": "mcap", "payload": payload} for payload in ("lossless", "jpeg", "h264")},
    "mp4": {"kind": "video"},
}


def street() -> list[dict[Topic, Frame | FusedFrame]]:
    """Frames of both cameras and what stands in for their fusion: the mean, with the true labels."""
    scene = Scene(SceneConfig())
    made: list[dict[Topic, Frame | FusedFrame]] = []
    contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "mean")
    for number in range(DRAWN):
        time_s = number / FPS
        visible, infrared, labels = scene.visible(time_s), scene.infrared(time_s), scene.labels(time_s)
        fused = visible // 2 + infrared[..., None] // 2
        made.append(
            {
                Topic.VISIBLE: Frame(Modality.VISIBLE, visible, 0, 0, 0, STREAM_ID),
                Topic.INFRARED: Frame(Modality.INFRARED, infrared, 0, 0, 0, STREAM_ID),
                Topic.FUSED: FusedFrame(fused, labels, 0, 0, 0, 0, STREAM_ID, contract, visible, infrared),
            }
        )
    return made


def publish(config: PipelineConfig, topics: tuple[Topic, ...], frames: int) -> None:
    """Publish so many frames of each topic, paced, and wait until they are read."""
    drawn = street()
    with ExitStack() as stack:
        publishers: dict[Topic, Publisher] = {}
        for topic in topics:
            publisher = Publisher(config.endpoints.of(topic), topic, lossless_subscribers=1)
            publishers[topic] = stack.enter_context(closing(publisher))
        for publisher in publishers.values():
            publisher.wait_for_subscribers(60.0)
        begun_s = time.monotonic()
        for seq in range(frames):
            time.sleep(max(0.0, begun_s + seq / FPS - time.monotonic()))
            time_ns = now_ns()
            for topic, publisher in publishers.items():
                frame = drawn[seq % DRAWN][topic]
                publisher.publish(replace(frame, stamp_ns=time_ns, captured_ns=time_ns, seq=seq))
        for publisher in publishers.values():
            publisher.publish(end_of(STREAM_ID, frames))
        for publisher in publishers.values():
            publisher.await_end()


def measure(name: str, folder: Path, frames: int) -> dict[str, float]:
    """What one sink costs."""
    path = folder / f"{name.replace(' ', '-')}.{name.partition(' ')[0]}"
    config = PipelineConfig.model_validate(
        {
            "visible": SyntheticSource(),
            "infrared": SyntheticSource(),
            "endpoints": {topic.value: f"ipc://{folder}/{topic.value}" for topic in Topic},
            "sinks": [{**SINKS[name], "path": path, "reserve_bytes": 0}],
        }
    )
    is_mcap = isinstance(config.sinks[0], McapSink)
    topics = (Topic.VISIBLE, Topic.INFRARED, Topic.FUSED) if is_mcap else (Topic.FUSED,)
    cameras = multiprocessing.get_context("spawn").Process(target=publish, args=(config, topics, frames))
    cameras.start()
    reporter = HealthReporter(name)
    begun_s = time.process_time()
    (McapNode() if is_mcap else RecordNode()).run(config, threading.Event(), reporter)
    spent_s = time.process_time() - begun_s
    cameras.join()
    seconds = frames / FPS
    return {
        "frames": frames,
        "recorded": reporter.counts["recorded"],
        "cores": round(spent_s / seconds, 3),
        "megabytes_per_s": round(path.stat().st_size / 1e6 / seconds, 2),
    }


def main() -> None:
    """Measure each sink in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, help="on the disk that is to be written to")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "recording.json")
    arguments = parser.parse_args()
    told: dict[str, object] = {"size": [640, 480], "fps": FPS, "load_average": os.getloadavg()}
    results: dict[str, dict[str, float]] = {}
    for name in SINKS:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            results[name] = measure(name, Path(folder), round(arguments.seconds * FPS))
        sys.stdout.write(f"{name}: {json.dumps(results[name])}\n")
    told |= {"results": results, "machine": facts()}
    arguments.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
