"""The table of nodes, and `irvis node`: one of them in this process."""

import importlib
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, cast

from cyclopts import Parameter

from irvis.config import load
from irvis.errors import ConfigError, IrvisError
from irvis.frame import Modality
from irvis.settings import PipelineConfig

from ..node import Node, run_node
from .process import give_way, rename

log = logging.getLogger(__name__)

NODES = {
    "capture": "pipeline.capture.node:CaptureNode",
    "fuse": "pipeline.fusion.node:FuseNode",
    "window": "pipeline.sinks.window:WindowNode",
    "record": "pipeline.sinks.record:RecordNode",
    "mcap": "pipeline.sinks.mcap:McapNode",
    "web": "pipeline.sinks.web.node:WebNode",
    "rerun": "pipeline.sinks.rerun:RerunNode",
}
"""Name -> "module:Class", imported when it runs."""

SINK_NODES = {"video": "record", "mcap": "mcap", "window": "window", "web": "web", "rerun": "rerun"}
"""Kind of a sink in the configuration -> the node that it is."""

GIVING_WAY = ("record", "mcap", "rerun")
"""Nodes whose pictures nobody waits for: their queues hold them while those that are live have the processor."""

UPSTREAM = {"capture": None, "fuse": "capture", **dict.fromkeys(SINK_NODES.values(), "fuse")}
"""Node -> the node whose stream it ends with."""

WATCH_S = 0.25


def nodes_of(config: PipelineConfig) -> list[str]:
    """The nodes that a configuration asks for, in the order in which frames pass them.

    Raises:
        ConfigError: Two sinks are of one kind.
    """
    sinks = [SINK_NODES[sink.kind] for sink in config.sinks]
    if len(set(sinks)) < len(sinks):
        raise ConfigError(
            f"sinks: {', '.join(sink.kind for sink in config.sinks)}: expected one of each kind at most"
        )
    return ["capture", "fuse", *sinks]


def node_class(name: str) -> Callable[..., Node]:
    """The class that the table names for a node; its module is imported."""
    module, _, class_name = NODES[name].partition(":")
    return cast(Callable[..., Node], getattr(importlib.import_module(module), class_name))


def node(
    name: Literal["capture", "fuse", "window", "record", "mcap", "web", "rerun"],
    config: Path,
    *,
    camera: Modality | None = None,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    supervisor: Annotated[int | None, Parameter(show=False)] = None,
) -> None:
    """Run one node of a system in this process, until its stream ends or Ctrl-C.

    Start the nodes of a system in any order, on any hosts, each with the same configuration; over several hosts
    the endpoints are tcp://host:port. A node waits for the others.

    Args:
        name: Which.
        config: The system's YAML configuration; `irvis config` lists its keys.
        camera: Of the capture node: the only camera of this host; both without.
        set_: Override a key: --set sync.slop_ms=8. Can be given several times.
        supervisor: Process id of the `irvis run` that listens to this node's health and whose end ends it.
    """
    settings = load(PipelineConfig, config, set_ or [])
    if name not in nodes_of(settings):
        raise ConfigError(
            f"{config}: sinks: none of them is what node {name} runs; `irvis config sinks` lists them"
        )
    if camera and name != "capture":
        raise ConfigError(f"--camera {camera} is for the capture node; leave it out for {name}")
    rename(f"irvis {name}")
    if name in GIVING_WAY:
        give_way()
    made = node_class(name)(*([camera] if camera else []))
    if supervisor is None:
        run_node(made, settings)
        return
    _end_with(supervisor, settings.supervision.drain_s)
    try:
        run_node(made, settings, supervised=True)
    except IrvisError as exc:
        raise SystemExit(exc.exit_code) from exc  # the supervisor has the message and says it


def _end_with(supervisor: int, drain_s: float) -> None:
    """Leave no orphan: once the supervisor is gone, stop as on SIGTERM, and if that takes too long, at once."""

    def watch() -> None:
        over = threading.Event()
        while os.getppid() == supervisor:
            over.wait(WATCH_S)
        log.warning("irvis run (process %d) is gone: stopping", supervisor)
        os.kill(os.getpid(), signal.SIGTERM)
        over.wait(drain_s)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="supervisor", daemon=True).start()
