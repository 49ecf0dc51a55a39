"""What an endpoint needs before and after it is bound: ipc sockets are files that outlive a killed process."""

import os
import socket
import stat
from pathlib import Path

from irvis.errors import ConfigError
from irvis.topics import Topic

ANSWER_S = 0.5


def socket_path(endpoint: str) -> Path | None:
    """The file of an ipc endpoint; None for tcp, inproc, and ipc endpoints that have no file of our choosing.

    Example:
        >>> socket_path("ipc:///tmp/irvis/fused"), socket_path("tcp://10.0.0.2:5550")
        (PosixPath('/tmp/irvis/fused'), None)
    """
    name = endpoint.removeprefix("ipc://")
    return None if name == endpoint or name[:1] in ("@", "*") else Path(name)


def claim(endpoint: str, topic: Topic) -> None:
    """Make way for binding: create the folder of an ipc socket, remove the file that a dead process left.

    Raises:
        ConfigError: A living process has the endpoint, or its path can't hold a socket.
    """
    path = socket_path(endpoint)
    if path is None:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            return
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise ConfigError(f"{topic}: {endpoint}: a file that is no socket lies there; choose another path")
        if _answers(path):
            raise ConfigError(
                f"{topic}: {endpoint} is in use by another process: stop that one, or set endpoints.{topic} "
                "(or IRVIS_RUNTIME_DIR, for all of them) to another place"
            )
        path.unlink(missing_ok=True)
    except OSError as exc:
        raise ConfigError(
            f"{topic}: {endpoint}: no socket can be made there ({exc}); "
            f"set endpoints.{topic} to a path in a folder that you may write"
        ) from exc


def release(endpoint: str) -> None:
    """Remove an ipc socket's file, unless another process has the endpoint by now."""
    path = socket_path(endpoint)
    if path is not None and os.path.lexists(path) and not _answers(path):
        path.unlink(missing_ok=True)


def connectable(endpoint: str) -> str:
    """The endpoint as a subscriber on the publisher's own host reaches it.

    Example:
        >>> connectable("tcp://*:5550"), connectable("tcp://10.0.0.2:5550")
        ('tcp://127.0.0.1:5550', 'tcp://10.0.0.2:5550')
    """
    return endpoint.replace("tcp://*:", "tcp://127.0.0.1:").replace("tcp://0.0.0.0:", "tcp://127.0.0.1:")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(ANSWER_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
