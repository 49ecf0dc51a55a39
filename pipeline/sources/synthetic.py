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
        self._scene = build_scene(settings.scene)
        self._fps = settings.fps
        self._index = 0
        if settings.duration_s is not None:
            self.length = round(settings.duration_s * settings.fps)
        drawn = settings.prerender if self.length is None else min(settings.prerender, self.length)
        self._drawn = [self._draw(index) for index in range(drawn)]

    def read(self) -> Image | None:
        """The next frame; None when the duration is over."""
        if self.length is not None and self._index >= self.length:
            return None
        index, self._index = self._index, self._index + 1
        pixels = self._drawn[index % len(self._drawn)] if self._drawn else self._draw(index)
        return Image(pixels, round(index * NS_PER_S / self._fps), trigger=index)

    def close(self) -> None:
        """End the stream."""
        self.length = self._index
        self._drawn = []

    def _draw(self, index: int) -> Pixels:
        time_s = index / self._fps
        if self.modality is Modality.VISIBLE:
            return self._scene.visible(time_s)
        return self._scene.infrared(time_s)


@lru_cache(maxsize=1)
def build_scene(config: SceneConfig) -> Scene:
    """The scene, built once for both eyes: that takes seconds, and it never changes."""
    return Scene(config)
