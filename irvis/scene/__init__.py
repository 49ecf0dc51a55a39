"""The synthetic dual-camera world: a street by day, dusk or night, with ground truth."""

from .config import SceneConfig
from .objects import CLASS_IDS, SceneObject
from .scene import Scene

__all__ = ["CLASS_IDS", "Scene", "SceneConfig", "SceneObject"]
