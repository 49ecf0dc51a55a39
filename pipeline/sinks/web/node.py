"""The web sink: fused frames on a page that any browser shows."""

import logging
import socket
from typing import ClassVar

from irvis.frame import FusedFrame
from irvis.settings import PipelineConfig, WebSink
from irvis.timing import DropCounter

from ..base import Sink
from ..node import SinkNode
from .hub import RigHub
from .recorder import PageRecorder
from .server import WebServer

log = logging.getLogger(__name__)


class BrowserPage(Sink):
    """Shows one rig to whoever opens the page.

    Args:
        settings: Where the page is, and who may open it.
        config: The system that is shown.

    Attributes:
        url: Of the page.

    Raises:
        ConfigError: The address can't be listened at.
    """

    done: ClassVar[str] = "shown"

    def __init__(self, settings: WebSink, config: PipelineConfig) -> None:
        self.dropped = DropCounter()
        rig = socket.gethostname()
        self._hub = RigHub(rig, settings.jpeg_quality, PageRecorder(settings.recordings, rig, config))
        self._server = WebServer([self._hub], settings.host, settings.port, settings.token)
        self.url = self._server.url
        log.info("live at %s", self.url)

    def take(self, frame: FusedFrame) -> bool:
        """Show one frame; False if no browser waits for one, which is no loss."""
        return self._hub.publish(frame)

    def close(self) -> None:
        """Free the port; a recording that is on is finished."""
        self._server.close()


class WebNode(SinkNode[WebSink]):
    """Shows the fused stream to browsers."""

    name = "web"
    section_type = WebSink

    def open(self, section: WebSink, config: PipelineConfig) -> BrowserPage:
        """Open the page.

        Raises:
            ConfigError: Its address can't be listened at.
        """
        return BrowserPage(section, config)
