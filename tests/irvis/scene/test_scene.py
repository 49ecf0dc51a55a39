"""The synthetic world's pictures: the same for everyone, and what one expects to see in them."""

from collections.abc import Callable

import numpy as np
import pytest
from pydantic import ValidationError

from irvis.scene import CLASS_IDS, Scene, SceneConfig

World = Callable[..., Scene]


@pytest.fixture
def night(world: World) -> Scene:
    return world()


def test_equal_configs_give_equal_pixels(night: Scene) -> None:
    twin = Scene(night.config)
    for time_s in (3.0, 30.2):
        np.testing.assert_array_equal(night.visible(time_s), twin.visible(time_s))
        np.testing.assert_array_equal(night.infrared(time_s), twin.infrared(time_s))
        np.testing.assert_array_equal(night.labels(time_s), twin.labels(time_s))


def test_another_seed_gives_another_world(world: World, night: Scene) -> None:
    other = world(seed=8)
    assert (night.visible(3.0) != other.visible(3.0)).any()
    assert (night.infrared(3.0) != other.infrared(3.0)).any()


def test_frames_do_not_depend_on_order(night: Scene) -> None:
    first = night.visible(30.0), night.infrared(30.0)
    night.visible(4.0)
    night.infrared(29.96)
    np.testing.assert_array_equal(first[0], night.visible(30.0))
    np.testing.assert_array_equal(first[1], night.infrared(30.0))


def test_noise_changes_from_frame_to_frame(world: World) -> None:
    scene = world(traffic=False)
    assert (scene.visible(1.0) != scene.visible(1.04)).mean() > 0.2
    assert (scene.infrared(1.0) != scene.infrared(1.04)).mean() > 0.5


def test_no_noise_leaves_a_still_street_still(world: World) -> None:
    scene = world(noise=0.0, traffic=False)
    np.testing.assert_array_equal(scene.visible(1.0), scene.visible(1.04))
    np.testing.assert_array_equal(scene.infrared(1.0), scene.infrared(1.04))
    assert scene.objects(1.0) == []


def test_motion_is_smooth_and_repeats(world: World) -> None:
    scene = world(noise=0.0)
    np.testing.assert_array_equal(scene.visible(5.0), scene.visible(5.0 + 48.0))
    for time_s in np.arange(0.0, 48.0, 2.4):
        pair = (scene.infrared(float(time_s)).astype(float), scene.infrared(float(time_s) + 0.04).astype(float))
        assert np.abs(pair[0] - pair[1]).mean() < 3.0


def test_sizes_are_as_asked(world: World) -> None:
    scene = world(width=200, height=128, ir_width=160, ir_height=120)
    assert scene.visible(0.0).shape == (128, 200, 3)
    assert scene.infrared(0.0).shape == (120, 160)
    assert scene.labels(0.0).shape == (128, 200)
    assert {a.dtype for a in (scene.visible(0.0), scene.infrared(0.0), scene.labels(0.0))} == {np.dtype(np.uint8)}


def test_day_is_brighter_than_dusk_and_dusk_than_night(world: World, night: Scene) -> None:
    means = [world(light=light).visible(0.0).mean() for light in ("day", "dusk")]
    assert means[0] > 1.5 * means[1] > 1.5 * night.visible(0.0).mean()


def test_some_people_are_seen_in_infrared_alone(world: World) -> None:
    """Taking them away changes the infrared picture a lot and the visible one hardly."""
    scene, empty = world(noise=0.0), world(noise=0.0, traffic=False)
    alone = [found for found in scene.objects(7.0) if found.seen_by == "infrared"]
    assert len(alone) == 2
    for found in alone:
        x0, y0, x1, y1 = found.box
        mask = scene.labels(7.0)[y0:y1, x0:x1] == CLASS_IDS["person"]
        warm, seen = (
            np.abs(a[y0:y1, x0:x1].astype(float) - b[y0:y1, x0:x1])[mask].mean()
            for a, b in ((scene.infrared(7.0), empty.infrared(7.0)), (scene.visible(7.0), empty.visible(7.0)))
        )
        assert warm > 25
        assert seen < 8


def test_paint_and_letters_are_seen_in_the_visible_alone(world: World) -> None:
    """The direction board is even in the infrared and written on in the visible."""
    scene = world(light="day")
    board = slice(78, 97), slice(234, 278)
    assert scene.visible(0.0)[board].astype(float).mean(2).std() > 25
    assert scene.infrared(0.0)[board].astype(float).std() < 6


def test_headlights_saturate_with_a_halo_around(world: World, night: Scene) -> None:
    car = next(f for f in night.objects(33.0) if f.class_id == CLASS_IDS["car"] and 20 < f.distance_m < 30)
    x0, y0, x1, y1 = car.box
    picture = night.visible(33.0)
    assert (picture[y0:y1, x0:x1].min(2) >= 250).sum() >= 10
    still = world(traffic=False).visible(33.0)
    above = slice(y0 - 6, y0), slice(x0, x1)
    assert picture[above].mean() > still[above].mean() + 3


def test_people_are_the_warmest_at_night(night: Scene) -> None:
    picture, labels = night.infrared(30.0), night.labels(30.0)
    assert picture[labels == CLASS_IDS["person"]].mean() > picture[labels == 0].mean() + 60


def test_config_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="lite"):
        SceneConfig.model_validate({"lite": "day"})
