"""The two kinds of recordings that a page starts: a video of what it shows, or everything that the system says."""

import logging
import threading
from abc import ABC, abstractmethod
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from irvis.errors import RecordingError
from irvis.frame import Frame, FusedFrame
from irvis.settings import McapSink, PipelineConfig, VideoSink
from irvis.topics import Topic

from ...handoff import Handoff
from ...recording.recorder import McapRecorder
from ...transport import Subscriber, poll
from ..record import RecordingSink

log = logging.getLogger(__name__)

WAITING_FRAMES = 8
"""More frames than this wait for no disk: the oldest is left out and counted."""
WAIT_S = 0.05
RECORDED = (Topic.VISIBLE, Topic.INFRARED, Topic.FUSED)


class Recorder(Protocol):
    """What both kinds write with."""

    @property
    def paths(self) -> list[Path]:
        """The files so far."""

    @property
    def note(self) -> str:
        """What the user should know now; empty if all is well."""

    def close(self) -> None:
        """Finish the file."""


RecorderT = TypeVar("RecorderT", bound=Recorder)


class PageRecording(ABC, Generic[RecorderT]):
    """One recording, written on a thread of its own from its making until it is closed.

    Args:
        path: Of its first file.
        recorder: Writes it; closed with it.

    Attributes:
        path: The same.
        recorder: The same.
        frames: Fused frames recorded so far.
        left_out: Frames that came too fast.
        error: What ended it; None while all is well.
    """

    def __init__(self, path: Path, recorder: RecorderT) -> None:
        self.path = path
        self.recorder = recorder
        self.frames = self.left_out = 0
        self.error: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"record {path.name}")
        self._thread.start()

    @abstractmethod
    def take(self, frame: FusedFrame) -> None:
        """A frame that the page shows; never waits."""

    def close(self) -> None:
        """Finish it."""
        self._finish()
        self._thread.join()

    @abstractmethod
    def _write(self) -> None:
        """Record until it is to be finished."""

    @abstractmethod
    def _finish(self) -> None:
        """Let `_write` end."""

    def _run(self) -> None:
        try:
            with closing(self.recorder):
                self._write()
        except RecordingError as exc:
            self.error = str(exc)
            log.warning("the recording is over: %s", exc)


class VideoRecording(PageRecording[RecordingSink]):
    """An MP4 of all four views, of the frames that the page gets.

    Args:
        path: Of its first file.

    Raises:
        RecordingError: The folder can't be written to.
    """

    def __init__(self, path: Path) -> None:
        self._waiting = Handoff[FusedFrame](WAITING_FRAMES, replace=True)
        super().__init__(path, RecordingSink(VideoSink(path=path)))

    def take(self, frame: FusedFrame) -> None:
        """Record a frame, once the disk is ready for it."""
        if self._waiting.put(frame):
            self.left_out += 1

    def _write(self) -> None:
        try:
            for frame in self._waiting:
                self.frames += self.recorder.take(frame)
        finally:
            self._waiting.abandon()

    def _finish(self) -> None:
        self._waiting.close()


class StreamsRecording(PageRecording[McapRecorder]):
    """An MCAP file of the cameras and the fusion, which it subscribes to by itself.

    Args:
        path: Of its first file.
        config: The system.

    Raises:
        ConfigError: An endpoint can't be connected to.
        RecordingError: The folder can't be written to.
        RigError: The rig can't be read.
    """

    def __init__(self, path: Path, config: PipelineConfig) -> None:
        recorder = McapRecorder.of_system(McapSink(path=path), config)
        self._over = threading.Event()
        with ExitStack() as stack:
            self._subscribers = [
                stack.enter_context(closing(Subscriber(config.endpoints.of(topic), topic))) for topic in RECORDED
            ]
            self._open = stack.pop_all()
        super().__init__(path, recorder)

    def take(self, frame: FusedFrame) -> None:
        """Not from here: it has every frame from the system itself."""

    def _write(self) -> None:
        with self._open:
            while not self._over.is_set():
                for subscriber in poll(self._subscribers, WAIT_S):
                    message = subscriber.receive()
                    if isinstance(message, Frame | FusedFrame) and self.recorder.add(message):
                        self.frames += isinstance(message, FusedFrame)
                self.recorder.flush_if_due()
                self.left_out = sum(sum(each.dropped.values()) for each in self._subscribers)

    def _finish(self) -> None:
        self._over.set()
