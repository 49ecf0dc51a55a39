"""A thousand malformed messages at the fusion node's real sockets: each counted, none fatal, good frames go on."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager

import msgspec
import numpy as np
import pytest
import zmq

from irvis.errors import WireError
from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract
from irvis.settings import PipelineConfig
from irvis.topics import Topic, lossless_endpoint
from irvis.wire import End, Message, Part, decode, encode
from pipeline.accounting.health import HealthReporter
from pipeline.fusion.node import FuseNode
from pipeline.transport import Subscriber

DEADLINE_S = 60.0
MESSAGES = 1000
KINDS = ("noise", "cut", "flipped", "version", "shape", "types", "pixels", "parts", "other")
SHAPES = {Modality.VISIBLE: (4, 6, 3), Modality.INFRARED: (4, 6)}


def good(modality: Modality, seq: int) -> Frame:
    return Frame(modality, np.full(SHAPES[modality], 100, np.uint8), 10**18 + seq * 40_000_000, 10**18, seq, 5)


def is_message(parts: list[bytes], modality: Modality) -> bool:
    try:
        message = decode(parts)
    except WireError:
        return False
    return isinstance(message, End) or (isinstance(message, Frame) and message.modality is modality)


def fused() -> FusedFrame:
    picture = np.zeros((4, 6, 3), np.uint8)
    contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "engine")
    return FusedFrame(picture, picture[..., 0], 0, 0, 0, 0, 5, contract)


def as_bytes(parts: list[Part]) -> list[bytes]:
    return [bytes(part) for part in parts]


def malformed(chance: random.Random, modality: Modality) -> list[bytes]:
    header, pixels = as_bytes(encode(good(modality, chance.randrange(10))))
    fields = msgspec.msgpack.decode(header)
    at = chance.randrange(len(header))
    match chance.choice(KINDS):
        case "noise":
            return [chance.randbytes(chance.randrange(300)) for _ in range(chance.randrange(6))]
        case "cut":
            return [header[:at], pixels]
        case "flipped":
            return [header[:at] + chance.randbytes(chance.randrange(1, 9)) + header[at + 1 :], pixels]
        case "version":
            fields[1] = any_integer(chance)
        case "shape":
            fields[-1] = [any_integer(chance) for _ in range(chance.randrange(6))]
        case "types":
            anything: list[object] = [None, "text", 0.5, float("nan"), [1, 2], b"bytes", {}, True]
            fields[chance.randrange(len(fields))] = chance.choice(anything)
        case "pixels":
            pixels = chance.randbytes(chance.randrange(200))
        case "parts":
            return [header, *[pixels] * chance.choice([0, 2, 3, 50])]
        case "other":
            other = next(each for each in Modality if each is not modality)
            foreign: list[Message] = [good(other, 0), fused()]
            return as_bytes(encode(chance.choice(foreign)))
    return [msgspec.msgpack.encode(fields), pixels]


def any_integer(chance: random.Random) -> int:
    """Of any size that msgpack has, and often at its ends."""
    return chance.choice(
        [-(2**63), -1, 0, 1, 2**31, 2**63, 2**64 - 1, chance.getrandbits(chance.randrange(1, 64))]
    )


@contextmanager
def raw_cameras(config: PipelineConfig) -> Iterator[dict[Modality, zmq.SyncSocket]]:
    """Sockets that send what they are given, as a hostile or broken capture node would."""
    with ExitStack() as stack:
        context = stack.enter_context(zmq.Context())
        sockets = {}
        for modality in Modality:
            sockets[modality] = stack.enter_context(closing(context.socket(zmq.XPUB)))
            sockets[modality].setsockopt(zmq.XPUB_NODROP, 1)
            sockets[modality].setsockopt(zmq.LINGER, 0)
            sockets[modality].setsockopt(zmq.SNDTIMEO, round(DEADLINE_S * 1000))
            sockets[modality].bind(lossless_endpoint(config.endpoints.of(Topic(modality.value))))
        yield sockets


def test_a_thousand_malformed_messages_are_counted_and_good_frames_go_on(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("s")
    config = PipelineConfig.model_validate(
        {
            "visible": {"kind": "file", "path": "visible.mp4"},
            "infrared": {"kind": "file", "path": "infrared.mp4"},
            "engine": {"kind": "average"},
            "sync": {"link": "lossless"},
            "endpoints": {str(topic): f"ipc://{folder / topic}" for topic in Topic},
        }
    )
    stop, reporter = threading.Event(), HealthReporter("fuse")
    sent: Counter[Modality] = Counter()
    with (
        raw_cameras(config) as cameras,
        closing(Subscriber(config.endpoints.fused, Topic.FUSED)) as viewer,
        ThreadPoolExecutor(1) as threads,
    ):
        running = threads.submit(FuseNode().run, config, stop, reporter)
        for socket in cameras.values():
            socket.recv()  # the subscription

        chance = random.Random(1)
        try:
            while sent.total() < MESSAGES:
                modality = chance.choice(list(Modality))
                parts = malformed(chance, modality)
                if not is_message(parts, modality):
                    cameras[modality].send_multipart([modality.value.encode(), *parts])
                    sent[modality] += 1
            seqs = []
            for seq in range(10):
                for modality, socket in cameras.items():
                    socket.send_multipart([modality.value.encode(), *encode(good(modality, seq))])
                message = viewer.receive(DEADLINE_S)
                assert isinstance(message, FusedFrame)
                seqs.append(message.seq)
        finally:
            stop.set()
            running.result(DEADLINE_S)
    assert seqs == list(range(10))
    assert reporter.dropped == {f"{modality}_undecodable": sent[modality] for modality in Modality}
