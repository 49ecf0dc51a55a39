"""One camera's stream: from its source, in its own time, to its topic."""

import logging
import random
import threading
from collections.abc import Iterator

import cv2
import numpy as np

from irvis.clock import NS_PER_MS, Pacer, now_ns
from irvis.errors import ConfigError, SourceTimeout
from irvis.frame import Frame, Modality, Pixels
from irvis.log import Limiter
from irvis.settings import CameraSource, McapSink, PipelineConfig, Sink
from irvis.topics import Topic
from irvis.wire import end_of

from ..accounting.health import HealthReporter
from ..faults import FaultyLink, FaultySource, HostClock
from ..node import patience
from ..sources import Image, Source
from ..transport import ClockServer, Publisher
from .repeats import RepeatWatch

BEHIND_NS = 100 * NS_PER_MS
"""How far frames may be behind the pace that they should keep."""

log = logging.getLogger(__name__)


class CameraStream:
    """Publishes what a source gives until it ends, fails or is told to stop; whichever, the End is published.

    Args:
        source: What to publish; stays the caller's to close.
        config: Of the system.
        leader: The stream that this one has no use without: after its end this one ends too, with the last
            frame that may still be paired.

    Attributes:
        source: The same.
        frames: How many were published.

    Raises:
        ConfigError: The topic's endpoint is in use.
    """

    def __init__(self, source: Source, config: PipelineConfig, leader: "CameraStream | None" = None) -> None:
        faults = config.faults.of(source.modality)
        self.source = FaultySource(source, faults) if faults.any_in_picture else source
        self.frames = 0
        self._leader = leader
        self._closed = False
        self._over = threading.Event()
        self._last_ns = self._behind = 0
        self._stream_id = random.getrandbits(63)
        self._size = config.capture.size if source.modality is Modality.VISIBLE else None
        self._slop_ns = round(config.sync.slop_ms * NS_PER_MS)
        self._drain_s = config.supervision.drain_s
        section = config.visible if source.modality is Modality.VISIBLE else config.infrared
        frozen_ms = section.frozen_ms if isinstance(section, CameraSource) else None
        self._repeats = RepeatWatch(source.modality, frozen_ms)
        self._limiter = Limiter()
        topic = Topic(source.modality.value)
        self._lossless = config.sync.link == "lossless"
        links = [config.sync.link, *(sink.link for sink in config.sinks if _records(sink, topic))]
        takers_of_all, self._takers_of_newest = links.count("lossless"), links.count("latest")
        self._may_skip = not takers_of_all
        self._publisher = Publisher(config.endpoints.of(topic), topic, lossless_subscribers=takers_of_all)
        self._link = FaultyLink(self._publisher, config.faults) if faults.any_on_link else self._publisher
        self._clock = HostClock(faults)
        self._clock_server: ClockServer | None = None
        if self._publisher.endpoint.startswith("tcp://"):
            try:
                self._clock_server = ClockServer(self._publisher.endpoint, topic, self._clock.now_ns)
            except ConfigError:
                self._publisher.close(0.0)
                raise

    @property
    def modality(self) -> Modality:
        """Which camera it is from."""
        return self.source.modality

    def wait_for_subscribers(self, timeout_s: float) -> bool:
        """Wait until the fusion node and all that record this camera are there; False if they weren't in time."""
        return self._publisher.wait_for_subscribers(timeout_s, self._takers_of_newest)

    def run(self, start_ns: int, pacer: Pacer, stop: threading.Event, reporter: HealthReporter) -> None:
        """Publish until the end.

        Args:
            start_ns: Stamp of media time zero [ns, Unix epoch].
            pacer: Begun at media time zero.
            stop: Ends the stream.
            reporter: Where to count.

        Raises:
            SourceError: The source failed.
        """
        try:
            self._publish_frames(start_ns, pacer, stop, reporter)
        finally:
            self._over.set()
            self._count_drops(reporter)
            out_of_patience = patience(stop, self._drain_s)

            def is_over() -> bool:
                return out_of_patience() or self._is_unwanted()

            if self.modality is Modality.VISIBLE:
                reporter.saw_end(self._stream_id, self.frames)
            self._link.publish(end_of(self._stream_id, self.frames), is_over)
            self._publisher.await_end(is_over, latest=not self._lossless)
            self.close()

    def close(self) -> None:
        """Free the topic's endpoint once its subscribers have what was published; again does nothing."""
        if not self._closed:
            self._closed = True
            self._publisher.close()
            if self._clock_server:
                self._clock_server.close()

    def _publish_frames(
        self, start_ns: int, pacer: Pacer, stop: threading.Event, reporter: HealthReporter
    ) -> None:
        for image in self._images(pacer, stop, reporter):
            if image.media_ns is not None and stop.wait(pacer.delay_s(image.media_ns)):
                return
            frame = self._frame(image, start_ns)
            if self._is_too_late(frame.stamp_ns):
                return
            if self._is_old(image, frame, reporter):
                continue
            if not self._link.publish(frame, lambda: stop.is_set() or self._is_unwanted()):
                return
            self.frames += 1
            self._last_ns = frame.stamp_ns
            if self.modality is Modality.VISIBLE:
                reporter.saw(self._stream_id, frame.seq)
            if self._leader:
                reporter.count(self.modality.value)
            else:
                reporter.frame_done(self.modality.value)
            self._count_drops(reporter)

    def _images(self, pacer: Pacer, stop: threading.Event, reporter: HealthReporter) -> Iterator[Image]:
        while not stop.is_set():
            self._catch_up(pacer)
            try:
                image = self.source.read()
            except SourceTimeout as exc:
                if not (self.source.reconnects and self.frames):
                    raise
                reporter.detail[self.modality.value] = "silent"
                if self._limiter.allows("silent"):
                    log.warning("%s", exc)
                continue
            if image is None:
                return
            yield image

    def _catch_up(self, pacer: Pacer) -> None:
        """Leave out what a file or the like should have given before: a live picture is never old.

        Where every frame is wanted, the others wait for it.
        """
        due_ns = pacer.due_ns()
        if due_ns is None or not self._may_skip:
            return
        self.source.skip_to(due_ns - BEHIND_NS)
        behind = self.source.dropped["behind"]
        if behind > self._behind and self._limiter.allows("behind"):
            self._behind = behind
            log.warning(
                "the %s source is too slow for its pace: %d frames left out so far; "
                "`sync.link: lossless` plays all of them, as fast as that goes",
                *(self.modality, behind),
            )

    def _is_old(self, image: Image, frame: Frame, reporter: HealthReporter) -> bool:
        """Whether a camera gave what it gave before; such frames are counted and not published."""
        why = None
        if image.shutter:
            why = "shutter"
        elif self.source.is_live and self._repeats.is_repeated(image.given, frame.stamp_ns):
            why = "frozen"
        if why is None:
            reporter.detail.pop(self.modality.value, None)
            return False
        reporter.detail[self.modality.value] = why
        self.source.dropped[why] += 1
        self._count_drops(reporter)
        return True

    def _count_drops(self, reporter: HealthReporter) -> None:
        for reason, count in dict(self.source.dropped).items():
            reporter.dropped[f"{self.modality.value}_{reason}"] = count

    def _frame(self, image: Image, start_ns: int) -> Frame:
        captured_ns = now_ns()
        stamp_ns = image.stamp_ns
        if stamp_ns is None:
            stamp_ns = start_ns + (image.media_ns or 0)
        return Frame(
            modality=self.modality,
            pixels=_scaled(image.pixels, self._size),
            stamp_ns=self._clock.reading(stamp_ns),
            captured_ns=self._clock.reading(captured_ns),
            seq=self.frames,
            stream_id=self._stream_id,
            trigger=image.trigger,
            counts=image.counts,
        )

    def _is_too_late(self, stamp_ns: int) -> bool:
        leader = self._leader
        return leader is not None and leader._over.is_set() and stamp_ns > leader._last_ns + self._slop_ns

    def _is_unwanted(self) -> bool:
        """Whether the leader's stream is over and whoever took ours has gone."""
        if self._leader is None or not self._leader._over.is_set():
            return False
        return not self._publisher.wait_for_subscribers(0.0, latest=0 if self._lossless else 1)


def _records(sink: Sink, topic: Topic) -> bool:
    """Whether a sink takes a camera's frames themselves."""
    return isinstance(sink, McapSink) and topic.value in sink.topics


def _scaled(pixels: Pixels, size: tuple[int, int] | None) -> Pixels:
    height, width = pixels.shape[:2]
    if size is None or size == (width, height):
        return pixels
    smaller = size[0] * size[1] < width * height
    scaled = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return scaled.astype(np.uint8, copy=False)
