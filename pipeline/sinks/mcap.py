"""The MCAP sink: the cameras' frames and what was made of them, in one file."""

import threading

from irvis.clock import now_ns
from irvis.frame import FusedFrame
from irvis.settings import McapSink, PipelineConfig
from irvis.topics import TOPICS, Topic
from irvis.wire import End

from ..accounting.health import HealthReporter
from ..recording.recorder import McapRecorder
from ..transport import Subscriber, poll
from .node import section_of

WAIT_S = 0.05
CAMERAS = (Topic.VISIBLE, Topic.INFRARED)


class McapNode:
    """Records until every stream has ended, or it is told to stop; then finishes the file."""

    name = "mcap"

    def run(self, config: PipelineConfig, stop: threading.Event, reporter: HealthReporter) -> None:
        """Work until the streams end or `stop` is set.

        Raises:
            ConfigError: The configuration has no such sink.
            RecordingError: The recording can't be written.
            RigError: The rig can't be read.
        """
        settings = section_of(config, McapSink)
        recorder = McapRecorder.of_system(settings, config)
        topics = [*(topic for topic in CAMERAS if topic.value in settings.topics), Topic.FUSED]
        subscribers = [Subscriber(config.endpoints.of(topic), topic, settings.link) for topic in topics]
        try:
            reporter.enter("running")
            _feed(recorder, subscribers, stop, reporter)
        finally:
            reporter.enter("draining")
            for subscriber in subscribers:
                subscriber.close()
            try:
                recorder.close()
            finally:
                reporter.unsaved = recorder.unsaved


def _feed(
    recorder: McapRecorder, subscribers: list[Subscriber], stop: threading.Event, reporter: HealthReporter
) -> None:
    live = {subscriber.topic for subscriber in subscribers}
    left = sum(2 * TOPICS[topic].queue_frames for topic in live)
    while live:
        stopping = stop.is_set()
        ready = poll(subscribers, 0.0 if stopping else WAIT_S)
        for subscriber in ready:
            message = subscriber.receive()
            if isinstance(message, End):
                live.discard(subscriber.topic)
            elif message is not None:
                live.add(subscriber.topic)  # a restarted node begins again
                taken = recorder.add(message)
                reporter.unsaved = recorder.unsaved
                if taken and isinstance(message, FusedFrame):
                    reporter.frame_done("recorded", now_ns() - message.captured_ns)
                elif not recorder.note:
                    reporter.count(subscriber.topic.value)
            left -= stopping
        recorder.flush_if_due()
        reporter.unsaved = recorder.unsaved
        reporter.dropped = sum((each.dropped for each in subscribers), recorder.dropped.copy())
        reporter.detail["message"] = recorder.note
        # Told to stop: what the queues hold was sent to us, what is still to come was not.
        if stopping and (not ready or left <= 0):
            return
