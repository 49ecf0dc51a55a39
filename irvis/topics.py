"""The table of topics: what is said on the bus, by whom, and where."""

import getpass
import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

Link = Literal["latest", "lossless"]
"""What a subscriber wants of its link: `latest` is newest or nothing; `lossless` is back-pressure."""


class Topic(StrEnum):
    """Named streams."""

    VISIBLE = "visible"
    INFRARED = "infrared"
    FUSED = "fused"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class TopicInfo:
    """One row of the table.

    Attributes:
        payload: What a message carries.
        publisher: The node that binds the endpoint.
        rate_hz: Usual rate [Hz]; None is the camera's own.
        queue_frames: How many messages may wait on each side of a link.
    """

    payload: str
    publisher: str
    rate_hz: float | None
    queue_frames: int


TOPICS: dict[Topic, TopicInfo] = {
    Topic.VISIBLE: TopicInfo("Frame (H, W, 3) BGR uint8", "capture", None, 4),
    Topic.INFRARED: TopicInfo("Frame (H, W) uint8", "capture", None, 4),
    Topic.FUSED: TopicInfo("FusedFrame: fused, labels, pair contract", "fuse", None, 4),
    Topic.HEALTH: TopicInfo("NodeStatus", "every node, to the one who runs them", 4.0, 64),
}


def runtime_dir() -> Path:
    """The folder of this user's ipc sockets: $IRVIS_RUNTIME_DIR or a folder in the temporary one."""
    given = os.environ.get("IRVIS_RUNTIME_DIR")
    return Path(given) if given else Path(tempfile.gettempdir()) / f"irvis-{getpass.getuser()}"


def default_endpoint(topic: Topic) -> str:
    """The ipc endpoint that a topic has when the configuration gives none."""
    return f"ipc://{runtime_dir() / topic}"


def lossless_endpoint(endpoint: str) -> str:
    """Where a topic's lossless link lives beside its latest link.

    Example:
        >>> lossless_endpoint("tcp://10.0.0.2:5550")
        'tcp://10.0.0.2:5650'
        >>> lossless_endpoint("ipc:///tmp/irvis/fused")
        'ipc:///tmp/irvis/fused.lossless'
    """
    return _beside(endpoint, 100, "lossless")


def clock_endpoint(endpoint: str) -> str:
    """Where a camera's host tells its time, beside the camera's topic.

    Example:
        >>> clock_endpoint("tcp://10.0.0.2:5550")
        'tcp://10.0.0.2:5750'
    """
    return _beside(endpoint, 200, "clock")


def _beside(endpoint: str, ports: int, suffix: str) -> str:
    if endpoint.startswith("tcp://"):
        host, _, port = endpoint.rpartition(":")
        return f"{host}:{int(port) + ports}"
    return f"{endpoint}.{suffix}"
