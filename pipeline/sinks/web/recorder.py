"""Recordings that are started and stopped on the page."""

import threading
import time
from pathlib import Path
from typing import Any, Literal

from irvis.clock import NS_PER_MS, NS_PER_S, now_ns
from irvis.frame import FusedFrame
from irvis.settings import PipelineConfig

from .recordings import StreamsRecording, VideoRecording

RecordingKind = Literal["mp4", "mcap"]


class PageRecorder:
    """Records a rig while it is switched on: what the page shows, or everything.

    Args:
        folder: Where the files go; made when the first recording starts.
        rig: The files are named after it and the time.
        config: The rig's system.

    Attributes:
        finished: Recordings that can be given out.
    """

    def __init__(self, folder: Path, rig: str, config: PipelineConfig) -> None:
        self._folder = folder
        self._rig = rig
        self._config = config
        self._recording: VideoRecording | StreamsRecording | None = None
        self._switching = threading.Lock()
        self.finished: list[Path] = []

    def start(self, kind: RecordingKind) -> None:
        """Start a recording, if none is on: an MP4 of all four views, or an MCAP of all streams.

        Raises:
            ConfigError: A stream's endpoint can't be connected to.
            RigError: The rig can't be read.
            RecordingError: The folder can't be written to.
        """
        with self._switching:
            if self._recording is None:
                time_ns = now_ns()
                begun = time.strftime("%Y%m%d-%H%M%S", time.localtime(time_ns / NS_PER_S))
                path = self._folder / f"{self._rig}-{begun}-{time_ns % NS_PER_S // NS_PER_MS:03d}.{kind}"
                self._recording = VideoRecording(path) if kind == "mp4" else StreamsRecording(path, self._config)

    def stop(self) -> None:
        """Finish the recording that is on, if one is; waits for it."""
        with self._switching:
            recording, self._recording = self._recording, None
            if recording:
                recording.close()
                self.finished += recording.recorder.paths

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
            "error": recording.error or recording.recorder.note,
            "finished": [path.name for path in self.finished],
        }
