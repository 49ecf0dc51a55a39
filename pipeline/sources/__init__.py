"""Where pictures come from: video files, image folders, cameras and the synthetic scene."""

import importlib

from irvis import settings
from irvis.frame import Modality

from .base import Image, Source

SOURCES: dict[str, str] = {
    "file": "pipeline.sources.file:VideoFile",
    "folder": "pipeline.sources.folder:ImageFolder",
    "camera": "pipeline.sources.camera:Camera",
    "replay": "pipeline.sources.replay:Replay",
    "synthetic": "pipeline.sources.synthetic:SyntheticEye",
}
"""Kind in the configuration -> the class that reads it, imported when it is first opened."""


def open_source(settings: settings.Source, modality: Modality) -> Source:
    """Open the source that a configuration section describes.

    Args:
        settings: The `visible` or `infrared` section.
        modality: Which camera it stands for.

    Raises:
        SourceError: It can't be opened, or nothing in it can be decoded.
    """
    module, _, name = SOURCES[settings.kind].partition(":")
    source: Source = getattr(importlib.import_module(module), name)(settings, modality)
    return source


__all__ = ["SOURCES", "Image", "Source", "open_source"]
