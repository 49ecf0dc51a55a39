"""Over tcp only those connect whose key is allowed, and what strangers send does no harm."""

import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import psutil
import pytest
import zmq

from irvis.cli import main
from irvis.errors import ConfigError, WireError
from irvis.frame import Frame, Modality
from irvis.settings import Security
from irvis.topics import Topic
from irvis.wire import encode
from pipeline.accounting.health import decode as decode_status
from pipeline.transport import ClockServer, HealthReceiver, Publisher, Subscriber, secured
from pipeline.transport.keys import allow_key, list_keys, make_key

DEADLINE_S = 60.0
FUZZED = int(os.environ.get("IRVIS_FUZZED", "10000"))
"""Messages for each input socket; `make soak` sends ten times as many."""
KINDS = 5_000
BATCH = 500
GROWTH_BYTES = 32 << 20
FRAME = Frame(Modality.INFRARED, np.arange(48, dtype=np.uint8).reshape(6, 8), 1, 2, 0, 9)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    make_key(tmp_path / "keys", "rig")
    return tmp_path / "keys"


def arrives(publisher: Publisher, subscriber: Subscriber, within_s: float = DEADLINE_S) -> bool:
    end_s = time.monotonic() + within_s
    while time.monotonic() < end_s:
        publisher.publish(FRAME)
        if subscriber.receive(0.02) is not None:
            return True
    return False


def test_those_with_the_key_are_heard_through_encryption(keys: Path, stack: ExitStack) -> None:
    stack.enter_context(secured(Security(keys=keys, name="rig")))
    publisher = Publisher("tcp://127.0.0.1:*", Topic.INFRARED)
    stack.callback(publisher.close, 0.0)
    subscriber = Subscriber(publisher.endpoint, Topic.INFRARED)
    stack.callback(subscriber.close)
    assert arrives(publisher, subscriber)


def test_a_stranger_gets_nothing_and_is_logged_with_its_address(
    keys: Path, tmp_path: Path, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    with secured(Security(keys=keys, name="rig")):
        publisher = Publisher("tcp://127.0.0.1:*", Topic.INFRARED)
        stack.callback(publisher.close, 0.0)
        friend = Subscriber(publisher.endpoint, Topic.INFRARED)
        stack.callback(friend.close)
    make_key(tmp_path / "other", "stranger")
    allow_key(tmp_path / "other", keys / "rig.key")
    with secured(Security(keys=tmp_path / "other", name="stranger", publishers={Topic.INFRARED: "rig"})):
        stranger = Subscriber(publisher.endpoint, Topic.INFRARED)
        stack.callback(stranger.close)
    plain = Subscriber(publisher.endpoint, Topic.INFRARED)
    stack.callback(plain.close)
    assert arrives(publisher, friend)
    assert not arrives(publisher, stranger, within_s=0.4)
    assert not arrives(publisher, plain, within_s=0.4)
    assert publisher.wait_for_subscribers(0.0, latest=1)
    assert not publisher.wait_for_subscribers(0.0, latest=2), "neither stranger has subscribed to anything"
    key = next(public for name, public, *_ in list_keys(tmp_path / "other") if name == "stranger")
    refused = [line for line in caplog.messages if "refused 127.0.0.1" in line]
    assert any(key.decode() in line for line in refused)

    allow_key(keys, tmp_path / "other" / "stranger.key")
    assert arrives(publisher, stranger), "let in without a restart"


def test_a_subscriber_takes_nothing_from_a_publisher_with_another_key(
    keys: Path, tmp_path: Path, stack: ExitStack
) -> None:
    make_key(tmp_path / "other", "impostor")
    allow_key(tmp_path / "other", keys / "rig.key")
    with secured(Security(keys=tmp_path / "other", name="impostor")):
        impostor = Publisher("tcp://127.0.0.1:*", Topic.INFRARED)
        stack.callback(impostor.close, 0.0)
    with secured(Security(keys=keys, name="rig")):
        subscriber = Subscriber(impostor.endpoint, Topic.INFRARED)
        stack.callback(subscriber.close)
    assert not arrives(impostor, subscriber, within_s=0.4)


@pytest.mark.parametrize("endpoint", ["tcp://*:*", "tcp://0.0.0.0:*"])
def test_plain_tcp_to_other_hosts_is_refused_unless_it_is_asked_for(endpoint: str, stack: ExitStack) -> None:
    with pytest.raises(ConfigError, match=r"reaches other hosts.*irvis keys new.*insecure: true"):
        Publisher(endpoint, Topic.INFRARED)
    with pytest.raises(ConfigError, match="reaches other hosts"):
        Subscriber("tcp://192.0.2.1:5550", Topic.INFRARED)
    with secured(Security(insecure=True)):
        Publisher(endpoint, Topic.INFRARED).close(0.0)


def test_keys_are_private_and_named_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "keys")
    for arguments in (["new", "camera"], ["list"], ["new", "camera"], ["allow"], ["allow", f"{folder}/none.key"]):
        with pytest.raises(SystemExit) as ended:
            main(["keys", *arguments, "--folder", folder])
        assert (
            ended.value.code == (0 if arguments in (["new", "camera"], ["list"]) else 2) or arguments[0] == "new"
        )
    with pytest.raises(SystemExit) as ended:
        main(["keys", "list", "--folder", f"{tmp_path}/none"])
    assert ended.value.code == 2
    assert (tmp_path / "keys" / "camera.key_secret").stat().st_mode & 0o077 == 0
    printed = capsys.readouterr()
    assert "camera" in printed.out
    assert "there is a key of this name" in printed.err
    assert "none: no keys in it; make one with `irvis keys new NAME`" in printed.err


def fuzz(seed: int) -> list[list[bytes]]:
    """Messages of noise, and real ones with a few bytes changed, cut short or parts left out."""
    chance = random.Random(seed)
    real = [Topic.INFRARED.encode(), *(bytes(part) for part in encode(FRAME))]
    made = []
    for _ in range(KINDS):
        if chance.random() < 0.3:
            parts = [chance.randbytes(chance.randrange(60)) for _ in range(chance.randrange(1, 5))]
        else:
            parts = list(real)
            place = chance.randrange(len(parts))
            part = bytearray(parts[place])
            for _ in range(chance.randrange(1, 4)):
                part[chance.randrange(len(part))] = chance.randrange(256)
            parts[place] = bytes(part[: chance.choice([len(part), chance.randrange(len(part) + 1)])])
            if chance.random() < 0.2:
                parts.pop(chance.randrange(len(parts)))
        made.append(parts or [b""])
    return made


def resident_bytes() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


def feed(socket: zmq.SyncSocket, seed: int, first: bytes | None, drain: Callable[[], None]) -> None:
    deadline_s = time.monotonic() + FUZZED * DEADLINE_S / 3000
    for sent, parts in enumerate(islice(cycle(fuzz(seed)), FUZZED)):
        while True:
            try:
                socket.send_multipart(parts if first is None else [first, *parts[1:]], zmq.NOBLOCK)
                break
            except zmq.Again:
                assert time.monotonic() < deadline_s
                drain()
        if sent % BATCH == 0:
            drain()
    drain()


@pytest.mark.parametrize("kind", ["frames", "health", "clock"])
def test_fuzzed_messages_do_no_harm(kind: str, stack: ExitStack, endpoint: str) -> None:
    context = stack.enter_context(zmq.Context())
    stranger = stack.enter_context(
        context.socket({"frames": zmq.XPUB, "health": zmq.PUSH, "clock": zmq.DEALER}[kind])
    )
    stranger.set(zmq.LINGER, 0)
    stranger.set(zmq.SNDHWM, 2 * BATCH)
    if kind == "frames":
        stranger.set(zmq.XPUB_NODROP, 1)
        stranger.bind(endpoint)
        subscriber = Subscriber(endpoint, Topic.INFRARED)
        stack.callback(subscriber.close)
        assert stranger.poll(round(DEADLINE_S * 1000))  # it has subscribed
        before = resident_bytes()

        def drain() -> None:
            while subscriber.receive(0.005) is not None:
                pass

        feed(stranger, 1, Topic.INFRARED.encode(), drain)
        assert subscriber.dropped["undecodable"] > FUZZED / 20
    elif kind == "health":
        receiver = HealthReceiver(endpoint)
        stack.callback(receiver.close)
        stranger.connect(receiver.endpoint)
        before, refused = resident_bytes(), 0

        def drain() -> None:
            nonlocal refused
            while (payload := receiver.receive(0.005)) is not None:
                try:
                    decode_status(payload)
                except WireError:
                    refused += 1

        feed(stranger, 2, None, drain)
        assert refused > FUZZED / 2
    else:
        server = ClockServer(endpoint, Topic.INFRARED)
        stack.callback(server.close)
        stranger.connect(f"{endpoint}.clock")
        before = resident_bytes()
        feed(stranger, 3, None, lambda: None)
        stranger.send(b"12345678")
        answers = iter(
            lambda: stranger.recv_multipart() if stranger.poll(round(DEADLINE_S * 1000)) else None, None
        )
        assert any(answer[0] == b"12345678" for answer in answers), "it still tells the time"
    assert resident_bytes() - before < GROWTH_BYTES
