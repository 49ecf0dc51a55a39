"""Sensors keep what does not change; that must not show."""

import numpy as np
import pytest

from irvis.scene import SceneConfig
from irvis.scene.sensor import Area, InfraredSensor, VisibleSensor

CONFIG = SceneConfig(width=80, height=60, ir_width=80, ir_height=60)
WHOLE = slice(0, 60), slice(0, 80)


@pytest.mark.parametrize(("sensor", "shape"), [(VisibleSensor, (60, 80, 3)), (InfraredSensor, (60, 80))])
@pytest.mark.parametrize("area", [(slice(20, 30), slice(30, 50)), (slice(0, 9), slice(71, 80)), WHOLE])
def test_naming_what_changed_gives_the_frame_that_starting_anew_gives(
    sensor: type[VisibleSensor | InfraredSensor], shape: tuple[int, ...], area: Area
) -> None:
    rng = np.random.default_rng(1)
    still = rng.integers(0, 256, shape, np.uint8)
    picture = still.copy()
    picture[area] = rng.integers(0, 256, picture[area].shape, np.uint8)
    np.testing.assert_array_equal(
        sensor(CONFIG, still).expose(picture, [area], 2.0), sensor(CONFIG, picture).expose(picture, [], 2.0)
    )


def test_noise_is_grows_as_asked_and_leaves_the_mean() -> None:
    still = np.full((60, 80, 3), 60, np.uint8)
    once, twice = (
        VisibleSensor(CONFIG.model_copy(update={"noise": noise}), still).expose(still, [], 1.0).astype(float)
        for noise in (1.0, 2.0)
    )
    assert abs(once.mean() - 60) < 0.5
    assert 1.4 < twice.std() / once.std() < 2.0
