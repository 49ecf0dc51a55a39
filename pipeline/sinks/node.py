"""What the sink nodes share: take fused frames from a link, feed one sink, finish it in any case."""

import threading
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from irvis.clock import now_ns
from irvis.errors import ConfigError
from irvis.frame import FusedFrame
from irvis.settings import McapSink, PipelineConfig, RerunSink, VideoSink, WebSink, WindowSink
from irvis.topics import TOPICS, Link, Topic
from irvis.wire import End

from ..accounting.health import HealthReporter
from ..transport import Subscriber
from .base import Sink
from .slow import SlowSink

SectionT = TypeVar("SectionT", McapSink, RerunSink, VideoSink, WebSink, WindowSink)
WAIT_S = 0.03


class SinkNode(ABC, Generic[SectionT]):
    """Feeds a sink until the fused stream ends, the user quits, or it is told to stop.

    A restart of the fusion node is no end: the stream goes on, and what is missing is counted. However it
    ends, what the sink has begun is finished: a recording can be played.

    Attributes:
        name: Of the node.
        section_type: Of its section in `sinks`.
    """

    name: ClassVar[str]
    section_type: type[SectionT]

    @abstractmethod
    def open(self, section: SectionT, config: PipelineConfig) -> Sink | None:
        """Open the sink of a system; None if that is to go without."""

    def run(self, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
        """Work until the stream ends or `stop` is set.

        Raises:
            ConfigError: The configuration has no such sink, or it can't be opened here.
            RecordingError: The recording can't be written.
        """
        section = section_of(config, self.section_type)
        sink = self.open(section, config)
        if sink is None:
            reporter.detail["message"] = "not here: there is no screen"
            return
        if config.faults.sink_delay_ms:
            sink = SlowSink(sink, config.faults.sink_delay_ms)
        try:
            subscriber = Subscriber(config.endpoints.of(Topic.FUSED), Topic.FUSED, section.link)
            reporter.detail["link"] = section.link
            try:
                reporter.enter("running")
                _feed(sink, subscriber, section.link, stop, reporter)
            finally:
                subscriber.close()
        finally:
            reporter.enter("draining")
            try:
                sink.close()
            finally:
                reporter.unsaved = sink.unsaved


def section_of(config: PipelineConfig, section_type: type[SectionT]) -> SectionT:
    """The first sink of a type in a system's configuration.

    Raises:
        ConfigError: There is none.
    """
    for section in config.sinks:
        if isinstance(section, section_type):
            return section
    raise ConfigError(f"sinks: expected one of kind {section_type.model_fields['kind'].default}, got none; add it")


def _feed(sink: Sink, subscriber: Subscriber, link: Link, stop: threading.Event, reporter: HealthReporter) -> None:
    receive = subscriber.receive if link == "lossless" else subscriber.receive_newest
    left = 2 * TOPICS[Topic.FUSED].queue_frames
    while not sink.is_over():
        stopping = stop.is_set()
        message = receive(0.0 if stopping else WAIT_S)
        if isinstance(message, FusedFrame):
            reporter.count("received")
            taken = sink.take(message)
            reporter.unsaved = sink.unsaved
            if taken:
                reporter.frame_done(sink.done, now_ns() - message.captured_ns)
        reporter.dropped = subscriber.dropped + sink.dropped
        reporter.detail["message"] = sink.note
        # Told to stop: what both queues hold was sent to us, what is still to be fused was not.
        left -= stopping
        if isinstance(message, End):
            reporter.saw_end(message.stream_id, message.frames)
            return
        if stopping and (message is None or not left):
            return
