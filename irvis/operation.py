"""How a system is operated: where its topics are, who may connect, how its nodes are looked after."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from .config import Section
from .topics import Topic, default_endpoint

Positive = Annotated[float, Field(gt=0)]


class Endpoints(Section):
    """Where each topic's publisher binds: ipc:///path or tcp://host:port."""

    visible: str = Field(default_factory=lambda: default_endpoint(Topic.VISIBLE))
    """Of the capture node."""
    infrared: str = Field(default_factory=lambda: default_endpoint(Topic.INFRARED))
    """Of the capture node."""
    fused: str = Field(default_factory=lambda: default_endpoint(Topic.FUSED))
    """Of the fusion node; a tcp port's lossless link is 100 above it."""
    health: str = Field(default_factory=lambda: default_endpoint(Topic.HEALTH))
    """Of the one who runs the nodes."""

    def of(self, topic: Topic) -> str:
        """The endpoint of a topic."""
        endpoint: str = getattr(self, topic.value)
        return endpoint


class Security(Section):
    """Who may connect over tcp; ipc sockets lie in a folder of the user's own."""

    keys: Path | None = None
    """Folder that `irvis keys` made: tcp links are encrypted (CURVE), and only the keys in it may connect."""
    name: str = "irvis"
    """Which of its keys is this host's."""
    publishers: dict[Topic, str] = Field(default_factory=dict)
    """Whose key the publisher of a topic has, where it is not this host's own: {visible: camera}."""
    insecure: bool = False
    """Let tcp links to other hosts stay open to everybody."""


class Health(Section):
    """Where nodes tell how they are: http://127.0.0.1:PORT/health, and /metrics for Prometheus."""

    port: int = Field(default=0, ge=0, le=65535)
    """Port of `irvis run`, or of a node that runs alone; 0 is any free one, which is logged."""


class Supervision(Section):
    """How `irvis run` looks after its nodes."""

    max_restarts: int = Field(default=5, ge=0)
    """Restarts of one node in a row before the whole system stops."""
    backoff_s: Positive = 0.2
    """Wait before the first restart [s]; doubles with each in a row."""
    steady_s: Positive = 10.0
    """A node that has run for so long [s] is no longer restarted in a row."""
    standby: bool = True
    """Load what the nodes need once, in a process that they are forks of and that sleeps from then on: they share
    its memory, and one that died is back at once. Without it, or where this is not Linux, each loads its own."""
    drain_s: Positive = 15.0
    """How long nodes may take to finish what they hold [s] before they are ended."""
