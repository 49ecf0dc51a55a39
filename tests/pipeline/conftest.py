import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest


@pytest.fixture
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"ipc://{tmp_path_factory.mktemp('s') / 'visible'}"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def free_ports() -> Callable[[], tuple[str, str]]:
    """Two tcp endpoints of this host whose ports, and those of the links beside them, are free."""

    def find() -> tuple[str, str]:
        found: list[str] = []
        while len(found) < 2:
            with ExitStack() as probes:
                first = probes.enter_context(socket.create_server(("127.0.0.1", 0)))
                port = first.getsockname()[1]
                try:
                    for beside in (100, 200):
                        probes.enter_context(socket.create_server(("127.0.0.1", port + beside)))
                except (OSError, OverflowError):
                    continue
                found.append(f"tcp://127.0.0.1:{port}")
        return found[0], found[1]

    return find
