"""The examples do what they say; none is longer than 40 lines."""

import re
import runpy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
import zmq

from irvis.frame import Frame, FusedFrame, InfraredState, PairContract
from irvis.settings import McapSink
from irvis.topics import Topic
from irvis.wire import End, Message
from pipeline.recording.recorder import McapRecorder
from pipeline.transport import Publisher, Subscriber

EXAMPLES = Path(__file__).parents[1] / "examples"
MESSAGES = Path(__file__).parents[1] / "docs" / "messages.md"
DEADLINE_S = 60.0
LONGEST_LINES = 40
SIZE = 480, 640
"""Of pictures so large that they go through shared memory where both ends know of it."""


Example = Callable[..., list[str]]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Example:
    """Runs an example as a program, with what it has imported already; gives the lines that it says."""

    def example(name: str, *arguments: object) -> list[str]:
        path = str(EXAMPLES / f"{name}.py")
        monkeypatch.setattr("sys.argv", [path, *map(str, arguments)])
        runpy.run_path(path, run_name="__main__")
        return capsys.readouterr().out.splitlines()

    return example


def fused(seq: int) -> FusedFrame:
    labels = np.zeros(SIZE, np.uint8)
    labels[: SIZE[0] // 4] = 2
    contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "engine-x")
    picture = np.full((*SIZE, 3), 100, np.uint8)
    return FusedFrame(picture, labels, seq * 10**9, seq * 10**9, seq * 10**9, seq, 1, contract)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_LINES


@pytest.fixture
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where fused frames are published until the test is over; a quarter of each is people."""
    endpoint = f"ipc://{tmp_path_factory.mktemp('s') / 'fused'}"
    over = threading.Event()

    def publish() -> None:
        with closing(Publisher(endpoint, Topic.FUSED)) as publisher:
            seq = 0
            while not over.wait(0.02):
                publisher.publish(fused(seq))
                seq += 1

    with ExitStack() as stack:
        thread = threading.Thread(target=publish)
        thread.start()
        stack.callback(thread.join)
        stack.callback(over.set)
        yield endpoint


def test_watch_people(example: Example, endpoint: str) -> None:
    lines = example("watch_people", endpoint, 3)
    assert len(lines) == 3
    assert lines[0].endswith("25.0 % people, infrared live")


def test_the_node_in_the_documentation_runs(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", MESSAGES.read_text(encoding="utf-8"), re.DOTALL)
    code = block.replace("tcp://192.168.1.20:5552", endpoint).replace("while True", "for _ in range(3)")
    assert code.count(endpoint) == 1
    assert len(code.splitlines()) <= 20
    names: dict[str, Any] = {}
    exec(code, names)
    names["subscriber"].close()
    assert f"{(*SIZE, 3)} live 0" in capsys.readouterr().out


def test_what_is_documented_is_enough_for_a_program_without_irvis(endpoint: str) -> None:
    """The steps of the pseudo-code, one by one; what it must say is looked up in it."""
    text = MESSAGES.read_text(encoding="utf-8")
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.connect(endpoint)
        for topic in re.findall(r'socket\.subscribe\("(.+)"\)', text):
            socket.subscribe(topic)
        parts: list[bytes] = []
        while not (parts and parts[0] == b"fused"):
            assert socket.poll(round(1000 * DEADLINE_S))
            parts = socket.recv_multipart()
    header = msgspec.msgpack.decode(parts[1])
    assert header[:2] == ["fused", 1]
    height, width = header[7]
    assert (len(parts[2]), set(parts[2])) == (height * width * 3, {100})
    assert np.frombuffer(parts[3], np.uint8).reshape(height, width)[0, 0] == 2


def test_own_camera(example: Example, tmp_path_factory: pytest.TempPathFactory) -> None:
    endpoint = f"ipc://{tmp_path_factory.mktemp('s') / 'visible'}"
    with closing(Subscriber(endpoint, Topic.VISIBLE)) as subscriber, ThreadPoolExecutor(1) as thread:
        said = thread.submit(example, "own_camera", endpoint, 5)
        messages: list[Message] = []
        while not (messages and isinstance(messages[-1], End)):
            message = subscriber.receive(DEADLINE_S)
            assert message is not None
            messages.append(message)
        assert said.result(DEADLINE_S) == []
    frames = [message for message in messages if isinstance(message, Frame)]
    assert [int(frame.pixels.flat[0]) for frame in frames] == [frame.seq for frame in frames]
    assert frames


def test_read_recording(example: Example, tmp_path: Path) -> None:
    recorder = McapRecorder(McapSink(path=tmp_path / "a.mcap", reserve_bytes=0), {})
    for seq in range(2):
        recorder.add(fused(seq))
    recorder.close()
    assert example("read_recording", tmp_path / "a.mcap") == [
        "0.000 fused, mean 100.0",
        "0.000 infrared live, engine engine-x",
        "1.000 fused, mean 100.0",
        "1.000 infrared live, engine engine-x",
    ]


def test_fuse_arrays(example: Example, tmp_path: Path) -> None:
    (line,) = example("fuse_arrays", tmp_path / "overlay.png")
    assert line.startswith("cmdfc-nano@")
    assert "person" in line
    picture = cv2.imread(str(tmp_path / "overlay.png"))
    assert picture is not None
    assert picture.shape == (480, 640, 3)
