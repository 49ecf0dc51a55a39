"""Where the fusion node's frames come in: both cameras' subscribers, and the pairs that their frames make."""

import threading
import time
from collections.abc import Iterator

from irvis.clock import NS_PER_S
from irvis.frame import Frame, FramePair, Modality
from irvis.settings import Endpoints, Sync
from irvis.timing import DropCounter
from irvis.topics import Topic
from irvis.wire import End

from .health import HealthReporter
from .sync import PairSync
from .transport import Subscriber, poll

LOOK_S = 0.1


class Intake:
    """Reads both cameras and pairs their frames.

    Args:
        endpoints: Where the cameras' topics are.
        settings: The `sync` section.
        reporter: Counts the frames as `visible_in`, `infrared_in` and `paired`.

    Attributes:
        stream_id: Of the visible stream; 0 before its first message.

    Raises:
        ConfigError: An endpoint can't be connected to.
    """

    def __init__(self, endpoints: Endpoints, settings: Sync, reporter: HealthReporter) -> None:
        self.stream_id = 0
        self._reporter = reporter
        self._sync = PairSync(settings)
        self._subscribers: dict[Modality, Subscriber] = {}
        for modality in Modality:
            topic = Topic(modality.value)
            self._subscribers[modality] = Subscriber(endpoints.of(topic), topic, settings.link)

    def pairs(self, stop: threading.Event) -> Iterator[tuple[FramePair, float]]:
        """Pairs as they are made, each with the time that its visible frame waited for it [ms].

        It ends with the visible stream, or when stopped, after the pairs that can still be made.
        """
        while not (stop.is_set() or self._sync.is_over):
            wanted = [each for modality, each in self._subscribers.items() if self._sync.wants(modality)]
            wait_ns = self._sync.wait_ns(time.monotonic_ns())
            for subscriber in poll(wanted, LOOK_S if wait_ns is None else min(LOOK_S, wait_ns / NS_PER_S)):
                self._take(subscriber)
            yield from self._decided()
        for modality in Modality:
            self._sync.end(modality)
        yield from self._decided()

    def dropped(self) -> DropCounter:
        """Frames that never made a pair, by reason; each reason begins with the modality."""
        dropped = self._sync.dropped.copy()
        for modality, subscriber in self._subscribers.items():
            dropped.update({f"{modality}_{reason}": count for reason, count in subscriber.dropped.copy().items()})
        return dropped

    def close(self) -> None:
        """Disconnect."""
        for subscriber in self._subscribers.values():
            subscriber.close()

    def _take(self, subscriber: Subscriber) -> None:
        modality = Modality(subscriber.topic.value)
        message = subscriber.receive()
        if message is None:
            return
        if modality is Modality.VISIBLE and (isinstance(message, Frame) or not self.stream_id):
            self.stream_id = message.stream_id
        if isinstance(message, Frame):
            self._reporter.count(f"{modality}_in")
            self._sync.push(message, time.monotonic_ns())
        elif isinstance(message, End):
            self._sync.end(modality, message.stream_id)

    def _decided(self) -> Iterator[tuple[FramePair, float]]:
        while pair := self._sync.pop(time.monotonic_ns()):
            self._reporter.count("paired")
            yield pair, self._sync.waited_ms
