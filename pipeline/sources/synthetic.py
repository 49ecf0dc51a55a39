"""One eye of the synthetic dual-camera scene."""

from functools import lru_cache

from irvis.clock import NS_PER_S
from irvis.frame import Modality, Pixels
from irvis.scene import Scene, SceneConfig
from irvis.settings import SyntheticSource

from .base import Image, Source


class SyntheticEye(Source):
    """What the visible or the infrared camera of the scene sees, at an even rate.

    Equal scene settings show equal worlds, so that two eyes in two processes still see the same street.

    Args:
        settings: The scene, its rate and duration, and how many frames to draw beforehand.
        modality: Which of the scene's cameras.
    """

    def __init__(self, settings: SyntheticSource, modality: Modality) -> None:
        super().__init__(modality)
        self._scene = _scene(settings.scene)
        self._fps = settings.fps
        self._index = 0
        if settings.duration_s is not None:
            self.length = round(settings.duration_s * settings.fps)
        self._drawn = draw_beforehand(settings, modality)

    def read(self) -> Image | None:
        """The next frame; None when the duration is over."""
        while self.length is None or self._index < self.length:
            index, self._index = self._index, self._index + 1
            media_ns = round(index * NS_PER_S / self._fps)
            if self._is_behind(media_ns):
                continue
            if self._drawn:
                pixels = self._drawn[index % len(self._drawn)]
            else:
                pixels = _draw(self._scene, self.modality, index / self._fps)
            return Image(pixels, media_ns, trigger=index)
        return None

    def close(self) -> None:
        """End the stream."""
        self.length = self._index
        self._drawn = ()


@lru_cache(maxsize=2)
def draw_beforehand(settings: SyntheticSource, modality: Modality) -> tuple[Pixels, ...]:
    """The frames that a camera shows again and again: drawn once, also for what is forked from this process."""
    frames = settings.prerender
    if settings.duration_s is not None:
        frames = min(frames, round(settings.duration_s * settings.fps))
    scene = _scene(settings.scene)
    return tuple(_draw(scene, modality, index / settings.fps) for index in range(frames))


@lru_cache(maxsize=1)
def _scene(config: SceneConfig) -> Scene:
    """The scene, built once for both eyes: that takes seconds, and it never changes."""
    return Scene(config)


def _draw(scene: Scene, modality: Modality, time_s: float) -> Pixels:
    return scene.visible(time_s) if modality is Modality.VISIBLE else scene.infrared(time_s)
