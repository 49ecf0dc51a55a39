"""Where the fusion node's frames come in: both cameras' subscribers, and the pairs that their frames make."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from irvis.clock import NS_PER_MS, NS_PER_S, now_ns
from irvis.frame import Frame, FramePair, InfraredState, Modality
from irvis.rig import Size
from irvis.settings import Endpoints, Sync
from irvis.timing import DropCounter
from irvis.topics import TOPICS, Topic
from irvis.wire import End

from ..accounting.health import HealthReporter
from ..transport import ClockClient, Subscriber, poll
from .standin import StandIn
from .sync import PairSync

LOOK_S = 0.1


class Intake:
    """Reads both cameras and pairs their frames.

    Args:
        endpoints: Where the cameras' topics are.
        settings: The `sync` section.
        reporter: Counts the frames as `visible_in`, `infrared_in` and `paired`, those of them whose infrared was
            held or lost, and the pictures without visible as `infrared_only` and `stub`.
        size: Width and height [px] that visible frames will have; None where only the first can tell.
        track_clocks: Whether stamps that come over tcp are by the clock of the camera's host: then they are
            brought to this one's.
        infrared_delay_ms: By how much infrared stamps are late [ms]: the rig's constant.

    Attributes:
        stream_id: Of the visible stream; 0 before its first message.
        decided_before: How many pairs were made in the same moment before the last one: a slow or late infrared
            frame decides all the visible ones that waited for it.

    Raises:
        ConfigError: An endpoint can't be connected to.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        settings: Sync,
        reporter: HealthReporter,
        size: Size | None = None,
        *,
        track_clocks: bool = False,
        infrared_delay_ms: float = 0.0,
    ) -> None:
        self.stream_id = self.decided_before = 0
        self._reporter = reporter
        self._sync = PairSync(settings)
        self._infrared_delay_ns = round(infrared_delay_ms * NS_PER_MS)
        self._stand_in = StandIn(settings, size)
        self._dropped = DropCounter()
        self._stale_ns = round(settings.stale_ms * NS_PER_MS) if settings.link == "latest" else None
        self._clocks: dict[Modality, ClockClient] = {}
        self._jumps = dict.fromkeys(Modality, 0)
        self._subscribers: dict[Modality, Subscriber] = {}
        for modality in Modality:
            topic = Topic(modality.value)
            endpoint = endpoints.of(topic)
            self._subscribers[modality] = Subscriber(endpoint, topic, settings.link)
            if track_clocks and endpoint.startswith("tcp://"):
                self._clocks[modality] = ClockClient(endpoint, topic)

    def pairs(self, stop: threading.Event) -> Iterator[tuple[FramePair, float]]:
        """Pairs as they are made, each with the time that its visible frame waited for it [ms].

        It ends with the visible stream, or when stopped, after the pairs that can still be made of what was sent.
        """
        left = 2 * TOPICS[Topic.VISIBLE].queue_frames
        while left and not self._sync.is_over:
            stopping = stop.is_set()
            wanted = [each for modality, each in self._subscribers.items() if self._sync.wants(modality)]
            readable = poll(wanted, 0 if stopping else self._patience_s())
            for subscriber in readable:
                self._take(subscriber)
            yield from self._decided()
            if stopping:
                left = left - 1 if readable else 0
        for modality in Modality:
            self._sync.end(modality)
        yield from self._decided()

    def dropped(self) -> dict[str, int]:
        """Frames that never made a pair, by reason; each reason begins with the modality."""
        dropped = {**self._sync.dropped, **self._dropped}
        for modality, subscriber in self._subscribers.items():
            dropped |= {f"{modality}_{reason}": count for reason, count in dict(subscriber.dropped).items()}
        return dropped

    def close(self) -> None:
        """Disconnect."""
        for subscriber in self._subscribers.values():
            subscriber.close()
        for clock in self._clocks.values():
            clock.close()

    def describe(self) -> dict[str, str]:
        """What is known of the cameras' latencies and of their hosts' clocks."""
        known = {}
        for modality in Modality:
            lag_ms = self._sync.lag_ms(modality)
            if lag_ms is not None:
                known[f"{modality}_lag"] = f"{lag_ms:.1f} ms"
            if (clock := self._clocks.get(modality)) and clock.estimate:
                known[f"{modality}_clock"] = str(clock.estimate)
        return known

    def _patience_s(self) -> float:
        """How long to wait for frames, at most until those that are here may decide a pair [s]."""
        wait_ns = self._sync.wait_ns(time.monotonic_ns())
        return LOOK_S if wait_ns is None else min(LOOK_S, wait_ns / NS_PER_S)

    def _take(self, subscriber: Subscriber) -> None:
        modality = Modality(subscriber.topic.value)
        message = subscriber.receive()
        if message is None:
            return
        if modality is Modality.VISIBLE and (isinstance(message, Frame) or not self.stream_id):
            self.stream_id = message.stream_id
        if isinstance(message, Frame):
            self._reporter.count(f"{modality}_in")
            if modality is Modality.VISIBLE:
                self._reporter.saw(message.stream_id, message.seq)
                if subscriber.repeated:
                    self._reporter.counts["visible_again"] = subscriber.repeated
            frame = self._on_this_clock(message)
            if frame is None or self._is_stale(frame):
                self._dropped[f"{modality}_stale" if frame else f"{modality}_clock_unknown"] += 1
                return
            if self._infrared_delay_ns and modality is Modality.INFRARED:
                frame = replace(frame, stamp_ns=frame.stamp_ns - self._infrared_delay_ns)
            steady_ns = time.monotonic_ns()
            self._stand_in.saw(frame, steady_ns)
            self._sync.push(frame, steady_ns)
        elif isinstance(message, End):
            if modality is Modality.VISIBLE:
                self._reporter.saw_end(message.stream_id, message.frames)
            self._sync.end(modality, message.stream_id)

    def _decided(self) -> Iterator[tuple[FramePair, float]]:
        self.decided_before = -1
        while pair := self._sync.pop(time.monotonic_ns()):
            self.decided_before += 1
            self._reporter.count("paired")
            if pair.infrared_state is not InfraredState.LIVE:
                self._reporter.count(f"infrared_{pair.infrared_state}")
            yield pair, self._sync.waited_ms
        if pair := self._stand_in.pop(time.monotonic_ns(), now_ns(), self._sync.newest_infrared):
            self.decided_before += 1
            self._reporter.count("infrared_only" if pair.infrared else "stub")
            yield pair, 0.0

    def _on_this_clock(self, frame: Frame) -> Frame | None:
        """The frame with stamps on this host's clock; None while the other host's is not known."""
        clock = self._clocks.get(frame.modality)
        if clock is None:
            return frame
        known = clock.estimate
        if known is None:
            return None
        if known.jumps != self._jumps[frame.modality]:
            self._jumps[frame.modality] = known.jumps
            self._sync.begin_again(frame.modality)
        return replace(
            frame, stamp_ns=known.to_local(frame.stamp_ns), captured_ns=known.to_local(frame.captured_ns)
        )

    def _is_stale(self, frame: Frame) -> bool:
        return self._stale_ns is not None and now_ns() - frame.captured_ns > self._stale_ns
