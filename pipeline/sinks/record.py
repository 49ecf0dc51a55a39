"""The recording sink: composed pictures into a video file, and a contact sheet at the end."""

import logging
from pathlib import Path
from typing import ClassVar

from irvis.frame import FusedFrame
from irvis.settings import PipelineConfig, VideoSink

from ..storage.parts import Rotation, check_folder
from ..storage.video import VideoRecorder
from .base import Sink
from .contact_sheet import ContactSheet
from .layout import Composer
from .node import SinkNode

log = logging.getLogger(__name__)


class RecordingSink(Sink):
    """Records one layout.

    Args:
        settings: Where to, what and how well.

    Raises:
        ConfigError: The encoder does not work here.
        RecordingError: A folder can't be written to.
    """

    done: ClassVar[str] = "recorded"

    def __init__(self, settings: VideoSink) -> None:
        self._layout = settings.layout
        self._composer = Composer(settings.palette)
        rotation = Rotation(settings.part_s, settings.part_bytes)
        self._recorder = VideoRecorder(
            settings.path, settings.crf, settings.encoder, rotation, settings.reserve_bytes
        )
        self._sheet: ContactSheet | None = None
        if settings.contact_sheet:
            check_folder(settings.contact_sheet)
            self._sheet = ContactSheet(settings.contact_sheet)
        self.dropped = self._recorder.dropped

    @property
    def paths(self) -> list[Path]:
        """The video files so far."""
        return self._recorder.paths

    @property
    def note(self) -> str:
        """What the user should know now; empty if all is well."""
        return self._recorder.note

    @property
    def unsaved(self) -> int:
        """Frames since the last fragment of the file."""
        return self._recorder.unsaved

    def take(self, frame: FusedFrame) -> bool:
        """Record one frame; False if it was left out: out of order, one more stub, or the disk is full.

        Raises:
            RecordingError: The file can't be written.
        """
        picture = self._composer.compose(frame, self._layout)
        if frame.contract.is_stub:
            return self._recorder.stand_in(picture)
        if not self._recorder.write(picture, frame.stamp_ns, frame.stream_id):
            return False
        if self._sheet:
            self._sheet.add(picture, frame.stamp_ns)
        return True

    def close(self) -> None:
        """Finalise the video and write the contact sheet.

        Raises:
            RecordingError: A file can't be written.
        """
        try:
            self._recorder.close()
        finally:
            if self._sheet and self._sheet.write():
                log.info("%s: contact sheet written", self._sheet.path)


class RecordNode(SinkNode[VideoSink]):
    """Records the fused stream."""

    name = "record"
    section_type = VideoSink

    def open(self, section: VideoSink, config: PipelineConfig) -> RecordingSink:
        """Open the recording.

        Raises:
            RecordingError: Its folder can't be written to.
        """
        return RecordingSink(section)
