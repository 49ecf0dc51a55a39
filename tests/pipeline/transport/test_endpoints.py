"""Where topics are bound: chosen ports, stale and foreign files, and errors that name topic and endpoint."""

import socket
import stat
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from irvis.errors import ConfigError
from irvis.frame import Frame, Modality
from irvis.topics import Topic
from pipeline.transport import Publisher, Subscriber

DEADLINE_S = 60.0


def test_an_endpoint_in_use_is_refused_with_its_name(endpoint: str, stack: ExitStack) -> None:
    stack.enter_context(closing(Publisher(endpoint, Topic.VISIBLE)))
    with pytest.raises(ConfigError, match=rf"visible: {endpoint} is in use .* endpoints\.visible"):
        Publisher(endpoint, Topic.VISIBLE)
    tcp = stack.enter_context(closing(Publisher("tcp://127.0.0.1:*", Topic.FUSED)))
    with pytest.raises(
        ConfigError, match=rf"fused: {tcp.endpoint}: can't be bound \(Address already in use\); stop"
    ):
        Publisher(tcp.endpoint, Topic.FUSED)


@pytest.mark.parametrize(
    "bad", ["nonsense", "ipc:///proc/nowhere/x", "ipc:///" + "long/" * 40, "tcp://127.0.0.1:port"]
)
def test_an_endpoint_that_can_not_be_bound_is_a_config_error(bad: str) -> None:
    with pytest.raises(ConfigError, match=r"visible: .*endpoints\.visible"):
        Publisher(bad, Topic.VISIBLE, lossless_subscribers=1)


def test_a_malformed_endpoint_can_not_be_subscribed_to() -> None:
    for link in ("latest", "lossless"):
        with pytest.raises(ConfigError, match=r"visible: tcp://localhost: .*endpoints\.visible"):
            Subscriber("tcp://localhost", Topic.VISIBLE, link)


def test_socket_files_are_private_cleared_when_stale_and_gone_after_close(tmp_path: Path) -> None:
    path = tmp_path / "run" / "visible"
    path.parent.mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(path))
    Publisher(f"ipc://{path}", Topic.VISIBLE, lossless_subscribers=1).close()
    assert list(path.parent.iterdir()) == []
    Publisher(f"ipc://{tmp_path / 'new' / 'visible'}", Topic.VISIBLE).close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("keep me")
    with pytest.raises(ConfigError, match="no socket"):
        Publisher(f"ipc://{path}", Topic.VISIBLE)
    assert path.read_text() == "keep me"


def test_both_links_work_over_tcp_on_a_free_port(stack: ExitStack) -> None:
    publisher = stack.enter_context(closing(Publisher("tcp://127.0.0.1:*", Topic.VISIBLE, lossless_subscribers=1)))
    subscribers = [
        stack.enter_context(closing(Subscriber(publisher.endpoint, Topic.VISIBLE, link)))
        for link in ("latest", "lossless")
    ]
    assert publisher.wait_for_subscribers(DEADLINE_S, latest=1)
    publisher.publish(Frame(Modality.VISIBLE, np.zeros((300, 300, 3), np.uint8), 0, 0, 0, 1))
    assert all(isinstance(subscriber.receive(DEADLINE_S), Frame) for subscriber in subscribers)
