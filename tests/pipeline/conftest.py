from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from pipeline.chaos.configuration import free_endpoint


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
    return lambda: (free_endpoint(), free_endpoint())
