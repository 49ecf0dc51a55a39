"""The capture node: two sources, started together, each published on its own topic by its own thread."""

import logging
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack

from irvis.clock import NS_PER_S, Pacer, now_ns
from irvis.errors import SourceError
from irvis.frame import Modality
from irvis.settings import PipelineConfig

from ..accounting.health import HealthReporter
from ..sources import open_source
from .stream import CameraStream

WAIT_S = 0.1

log = logging.getLogger(__name__)


class CaptureNode:
    """Publishes the cameras' frames until their streams end or it is told to stop.

    It waits for those that take its frames; then both streams begin at one media time zero. The end of the
    visible stream is that of the infrared, too. A source that fails before its first frame stops the node; one
    that fails later ends its own stream alone: the node goes on with the other, and raises at the end.

    Args:
        camera: The only camera to publish, on hosts that have one; both without.
    """

    name = "capture"

    def __init__(self, camera: Modality | None = None) -> None:
        self._cameras = tuple(Modality) if camera is None else (Modality(camera),)

    def run(self, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
        """Work until the streams end or `stop` is set.

        Raises:
            SourceError: A source can't be opened, or failed.
            ConfigError: An endpoint is in use.
        """
        with ExitStack() as opened:
            streams = self._open(config, opened)
            if not _wait_for_subscribers(streams, stop):
                return
            start_ns = _start(config.capture.start_ns, stop)
            pacer = Pacer(config.capture.pace)
            pacer.delay_s(0)
            reporter.enter("running")
            with ThreadPoolExecutor(len(streams), thread_name_prefix="capture") as pool:
                running = [pool.submit(stream.run, start_ns, pacer, stop, reporter) for stream in streams]
                wait(running, return_when=FIRST_EXCEPTION)
                for stream, future in zip(streams, running, strict=True):
                    if future.done() and (exc := future.exception()):
                        _take_failure(stream, exc, stop, reporter)
            for future in running:
                future.result()

    def _open(self, config: PipelineConfig, opened: ExitStack) -> list[CameraStream]:
        sections = {Modality.VISIBLE: config.visible, Modality.INFRARED: config.infrared}
        sources = [opened.enter_context(open_source(sections[camera], camera)) for camera in self._cameras]
        streams: list[CameraStream] = []
        for source in sources:
            streams.append(CameraStream(source, config, leader=streams[0] if streams else None))
            opened.callback(streams[-1].close)
        return streams


def _wait_for_subscribers(streams: list[CameraStream], stop: threading.Event) -> bool:
    """Wait for those that take each stream; False if stopped before."""
    for stream in streams:
        waited = False
        while not stream.wait_for_subscribers(WAIT_S):
            if stop.is_set():
                return False
            if not waited:
                log.info("waiting for all that take %s frames", stream.modality)
            waited = True
    for stream in streams:
        # What a live camera lost while nobody listened was not wanted.
        stream.source.dropped.clear()
    return True


def _start(start_ns: int | None, stop: threading.Event) -> int:
    """The stamp of media time zero [ns]; waits for it if it is still to come."""
    if start_ns is None:
        return now_ns()
    wait_s = (start_ns - now_ns()) / NS_PER_S
    if wait_s > 0:
        log.info("starting in %.1f s, at capture.start_ns", wait_s)
        stop.wait(wait_s)
    return start_ns


def _take_failure(
    stream: CameraStream, exc: BaseException, stop: threading.Event, reporter: HealthReporter
) -> None:
    if isinstance(exc, SourceError) and stream.frames:
        log.error("the %s stream is over after %d frames: %s", stream.modality, stream.frames, exc)
        reporter.detail[stream.modality.value] = str(exc)
    else:
        stop.set()
