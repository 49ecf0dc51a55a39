"""Worlds take a while to build: equal configs share one."""

from collections.abc import Callable
from functools import cache

import pytest

from irvis.scene import Scene, SceneConfig

World = Callable[..., Scene]


@cache
def _built(config: SceneConfig) -> Scene:
    return Scene(config)


@pytest.fixture(scope="session")
def world() -> World:
    """The small world of a night, or of what is asked for instead."""

    def build(**more: object) -> Scene:
        size = {"width": 320, "height": 240, "ir_width": 320, "ir_height": 240}
        return _built(SceneConfig.model_validate({**size, **more}))

    return build
