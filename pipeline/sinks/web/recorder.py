"""Recordings that are started and stopped on the page, written on a thread of their own."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

from irvis.clock import NS_PER_MS, NS_PER_S, now_ns
from irvis.errors import RecordingError
from irvis.frame import FusedFrame
from irvis.settings import VideoSink

from ...handoff import Handoff
from ..record import RecordingSink

log = logging.getLogger(__name__)

WAITING_FRAMES = 8
"""More frames than this wait for no disk: the oldest is left out and counted."""


class PageRecorder:
    """Writes what a rig shows, as MP4 files of all four views, while it is switched on.

    Args:
        folder: Where the files go; made when the first recording starts.
        rig: The files are named after it and the time.

    Attributes:
        finished: Recordings that can be given out.
    """

    def __init__(self, folder: Path, rig: str) -> None:
        self._folder = folder
        self._rig = rig
        self._recording: _Recording | None = None
        self._switching = threading.Lock()
        self.finished: list[Path] = []

    def start(self) -> None:
        """Start a recording, if none is on.

        Raises:
            RecordingError: The folder can't be written to.
        """
        with self._switching:
            if self._recording is None:
                time_ns = now_ns()
                begun = time.strftime("%Y%m%d-%H%M%S", time.localtime(time_ns / NS_PER_S))
                name = f"{self._rig}-{begun}-{time_ns % NS_PER_S // NS_PER_MS:03d}.mp4"
                self._recording = _Recording(self._folder / name)

    def stop(self) -> None:
        """Finish the recording that is on, if one is; waits for it."""
        with self._switching:
            recording, self._recording = self._recording, None
            if recording:
                recording.close()
                if recording.frames:
                    self.finished.append(recording.path)

    def take(self, frame: FusedFrame) -> None:
        """Record a frame while switched on; never waits."""
        recording = self._recording
        if recording:
            recording.take(frame)

    def state(self) -> dict[str, Any]:
        """For the page: whether it is on, where it goes, frames so far and left out, and what went wrong."""
        recording = self._recording
        if recording is None:
            return {"on": False, "finished": [path.name for path in self.finished]}
        return {
            "on": recording.error is None,
            "name": recording.path.name,
            "frames": recording.frames,
            "left_out": recording.left_out,
            "error": recording.error or recording.note,
            "finished": [path.name for path in self.finished],
        }


class _Recording:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = self.left_out = 0
        self.error: str | None = None
        self._sink = RecordingSink(VideoSink(path=path))
        self._waiting = Handoff[FusedFrame](WAITING_FRAMES, replace=True)
        self._thread = threading.Thread(target=self._write, name=f"record {path.name}")
        self._thread.start()

    @property
    def note(self) -> str:
        return self._sink.note

    def take(self, frame: FusedFrame) -> None:
        if self._waiting.put(frame):
            self.left_out += 1

    def close(self) -> None:
        self._waiting.close()
        self._thread.join()

    def _write(self) -> None:
        try:
            try:
                for frame in self._waiting:
                    self.frames += self._sink.take(frame)
            finally:
                self._sink.close()
        except RecordingError as exc:
            self.error = str(exc)
            self._waiting.abandon()
            log.warning("the recording is over: %s", exc)
