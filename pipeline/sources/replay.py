"""One camera of a recording: its frames with the stamps that they had."""

from collections.abc import Iterator

from irvis.clock import NS_PER_S
from irvis.errors import RecordingError, SourceError
from irvis.frame import Modality
from irvis.settings import ReplaySource

from ..recording.camera import camera_frames
from ..recording.reader import Recording
from .base import Image, Source, as_modality


class Replay(Source):
    """Every frame of one camera's channel, in order of the stamps.

    Media time counts from the recording's first message of any channel, so that both cameras keep their places.
    Where it is looped, each pass goes on a tenth of a second after the last stamp of the one before.

    Args:
        settings: The recording, where to begin, and whether to begin again at its end.
        modality: Which camera.

    Raises:
        SourceError: The recording can't be read, or has no such camera.
    """

    def __init__(self, settings: ReplaySource, modality: Modality) -> None:
        super().__init__(modality)
        self._settings = settings
        self._channel = f"/{modality}"
        self._recording = _open(settings, self._channel, modality)
        self._from_ns = self._recording.first_ns + round(settings.seek_s * NS_PER_S)
        self.length = None if settings.loop else self._recording.counts[self._channel]
        self._images = self._play()

    def read(self) -> Image | None:
        """The next frame; None at the end of the recording.

        Raises:
            SourceError: The recording is damaged.
        """
        try:
            return next(self._images, None)
        except RecordingError as exc:
            raise SourceError(str(exc)) from exc

    def close(self) -> None:
        """Close the recording."""
        self._images = iter(())
        self._recording.close()

    def _play(self) -> Iterator[Image]:
        pass_ns = 0
        while True:
            given = False
            for frame in camera_frames(self._recording, self.modality, self._from_ns):
                given = True
                media_ns = frame.stamp_ns - self._from_ns + pass_ns
                if self._is_behind(media_ns):
                    continue
                yield Image(
                    as_modality(frame.pixels, self.modality),
                    media_ns=media_ns,
                    stamp_ns=frame.stamp_ns + pass_ns,
                    trigger=frame.trigger,
                    counts=frame.counts,
                )
            if not (self._settings.loop and given):
                return
            pass_ns += self._recording.last_ns - self._from_ns + NS_PER_S // 10


def _open(settings: ReplaySource, channel: str, modality: Modality) -> Recording:
    try:
        recording = Recording(*settings.paths)
    except RecordingError as exc:
        raise SourceError(str(exc)) from exc
    if not recording.counts.get(channel):
        held = ", ".join(recording.counts) or "nothing"
        recording.close()
        raise SourceError(
            f"{settings.paths[0]}: no {modality} frames, only {held}; expected a recording whose sink has "
            f"`{modality}` among its topics"
        )
    return recording
