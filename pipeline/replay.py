"""`irvis replay`: a recording's cameras back on the bus, with the stamps that their frames had."""

import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from irvis.config import load
from irvis.errors import ConfigError, RecordingError
from irvis.faults import Faults
from irvis.settings import Endpoints, PipelineConfig, ReplaySource, WebSink

from .capture.node import CaptureNode
from .node import run_node
from .recording.reader import Recording
from .run import run_system
from .table import SystemView


def replay(
    recordings: list[Path],
    /,
    *,
    config: Path | None = None,
    rate: float | Literal["max"] = 1.0,
    loop: bool = False,
    seek: float = 0.0,
    bus: bool = False,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
) -> int:
    """Fuse what the cameras of a recording saw, again: with the same stamps, and any system behind them.

    Without a configuration the system is the recorded one, shown in a browser. With `--rate max` no frame is lost,
    and the same artifact on the same machine gives the same pictures and labels, bit for bit.

    Args:
        recordings: An MCAP file with visible and infrared, the parts of one or their folder.
        config: The system to run; its sources and `capture.pace` are the recording's.
        rate: Seconds of the recording per second, or max: as fast as frames are fused.
        loop: Begin again at the end, with stamps that go on.
        seek: Begin so long after the recording's first frame [s].
        bus: Only publish the cameras, at the endpoints of --config: its other nodes run elsewhere.
        set_: Override a key: --set engine.artifact=my-nano. Can be given several times.
    """
    if bus and config is None:
        raise ConfigError("--bus: expected --config too, which says at which endpoints the other nodes listen")
    if rate != "max" and rate <= 0:
        raise ConfigError(f"--rate {rate}: expected a positive number, or max")
    if seek < 0:
        raise ConfigError(f"--seek {seek}: expected seconds after the recording's first frame")
    settings = load(PipelineConfig, config, set_ or []) if config else _recorded(recordings, set_ or [])
    settings = _replaying(settings, ReplaySource(path=tuple(recordings), seek_s=seek, loop=loop), rate)
    if bus:
        run_node(CaptureNode(), settings)
        return 0
    account, stopped_by, failure = run_system(settings, SystemView())
    Console().print(account.table())
    if failure:
        raise failure
    return 128 + stopped_by if stopped_by else 0


def _replaying(settings: PipelineConfig, source: ReplaySource, rate: float | Literal["max"]) -> PipelineConfig:
    """A system with a recording's cameras instead of its own, and without their faults."""
    pace = 0.0 if rate == "max" else rate
    change: dict[str, Any] = {
        "visible": source,
        "infrared": source,
        "faults": Faults(),
        "capture": settings.capture.model_copy(update={"pace": pace, "start_ns": None, "size": None}),
    }
    if rate == "max":
        change["sync"] = settings.sync.model_copy(update={"link": "lossless"})
    return settings.model_copy(update=change)


def _recorded(recordings: list[Path], overrides: list[str]) -> PipelineConfig:
    """The system that made a recording, on endpoints and with a page of this run's own."""
    with Recording(*recordings) as opened, tempfile.TemporaryDirectory() as folder:
        if "config" not in opened.facts:
            raise RecordingError(f"{recordings[0]}: does not say which system made it; give one with --config")
        path = Path(folder) / "recorded.yaml"
        path.write_text(opened.facts["config"], encoding="utf-8")
        try:
            settings = load(PipelineConfig, path, overrides)
        except ConfigError as exc:
            raise ConfigError(
                f"{recordings[0]}: the system that made it: {exc}; give another one with --config"
            ) from exc
    return settings.model_copy(update={"sinks": [WebSink()], "endpoints": Endpoints()})
