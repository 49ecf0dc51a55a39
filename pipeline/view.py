"""`irvis view`: the live pictures of one or several running systems in a browser."""

import logging
import tempfile
import threading
import webbrowser
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import psutil
from cyclopts import Parameter

from irvis.config import from_options, load
from irvis.errors import ConfigError
from irvis.frame import FusedFrame
from irvis.settings import PipelineConfig, WebSink
from irvis.topics import Topic

from .accounting.health import HealthReporter
from .node import run_node
from .plan import PREFIX
from .sinks.web.hub import RigHub
from .sinks.web.recorder import PageRecorder
from .sinks.web.server import WebServer
from .transport import Subscriber

log = logging.getLogger(__name__)

LOOK_S = 0.1


def view(
    configs: list[Path] | None = None,
    /,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    token: str | None = None,
    recordings: Path = Path("runs/recordings"),
    open_browser: Annotated[bool, Parameter(name="--open", negative="")] = False,
) -> None:
    """Show what running systems fuse on a page for browsers, all of them side by side, until Ctrl-C.

    Without a configuration these are the systems that `irvis run` runs on this machine. With one they are those
    whose nodes use it, here or on other hosts. A system may start, end and start again while its page is open.

    Args:
        configs: Configurations of the systems to show; those that run here without.
        host: Address to listen at; anything but loopback asks browsers for the token. 0.0.0.0 is every network.
        port: Port to listen at; 0 takes a free one.
        token: What browsers must show; made up and logged where one is needed and none is given.
        recordings: Folder of the recordings that are started on the page.
        open_browser: Also open the page in this machine's browser.
    """
    settings = from_options(WebSink, host=host, port=port, token=token, recordings=recordings)
    systems = _given(configs) if configs else _running()
    run_node(ViewNode(systems, settings, open_browser), next(iter(systems.values())))


class ViewNode:
    """Receives the fused frames of several systems, for one page.

    Args:
        systems: Their configurations, by the names that the page shows.
        settings: Where the page is.
        open_browser: Whether to open it here.
    """

    name = "view"

    def __init__(
        self, systems: Mapping[str, PipelineConfig], settings: WebSink, open_browser: bool = False
    ) -> None:
        self._systems = systems
        self._settings = settings
        self._open_browser = open_browser

    def run(self, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
        """Show frames until `stop` is set.

        Args:
            config: Not looked at: the systems have their own.
            stop: Ends it.
            reporter: Counts the frames that some browser was shown.

        Raises:
            ConfigError: The page's address or a system's endpoint can't be used.
        """
        del config
        settings = self._settings
        hubs = [
            RigHub(name, settings.jpeg_quality, PageRecorder(settings.recordings, name, system))
            for name, system in self._systems.items()
        ]
        with (
            WebServer(hubs, settings.host, settings.port, settings.token) as server,
            ThreadPoolExecutor(len(hubs), thread_name_prefix="view") as pool,
        ):
            log.info("live at %s", server.url)
            reporter.enter("running")
            if self._open_browser:
                webbrowser.open(server.url)
            feeding = [
                pool.submit(_feed, hub, system.endpoints.fused, stop, reporter)
                for hub, system in zip(hubs, self._systems.values(), strict=True)
            ]
            for each in feeding:
                each.result()


def _feed(hub: RigHub, endpoint: str, stop: threading.Event, reporter: HealthReporter) -> None:
    subscriber = Subscriber(endpoint, Topic.FUSED)
    try:
        while not stop.is_set():
            message = subscriber.receive_newest(LOOK_S)
            if isinstance(message, FusedFrame) and hub.publish(message):
                reporter.frame_done(hub.name)
    finally:
        subscriber.close()


def _given(paths: list[Path]) -> dict[str, PipelineConfig]:
    systems: dict[str, PipelineConfig] = {}
    for path in paths:
        name = path.stem if path.stem not in systems else str(path)
        systems[name] = load(PipelineConfig, path)
    return systems


def _running() -> dict[str, PipelineConfig]:
    systems = {}
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*/system.yaml")):
        pid = path.parent.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and psutil.pid_exists(int(pid)):
            name = _name_of(int(pid))
            systems[name if name not in systems else f"{name}-{pid}"] = load(PipelineConfig, path)
    if not systems:
        raise ConfigError(
            "no system runs on this machine; start one with `irvis run CONFIG`, or name the configuration "
            "whose nodes are to be shown: `irvis view CONFIG`"
        )
    return systems


def _name_of(pid: int) -> str:
    """What a running system is called: as the configuration that its process was given; by its number without."""
    try:
        arguments = psutil.Process(pid).cmdline()
    except psutil.Error:
        arguments = []
    return next((Path(each).stem for each in arguments if each.endswith((".yaml", ".yml"))), f"run-{pid}")
