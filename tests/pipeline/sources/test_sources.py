import numpy as np
import pytest
from pydantic import TypeAdapter

from irvis import settings
from irvis.frame import Modality
from pipeline.sources import SOURCES, open_source
from pipeline.sources.base import as_modality
from pipeline.sources.synthetic import SyntheticEye

SMALL = {"width": 64, "height": 48, "ir_width": 64, "ir_height": 48}


def synthetic(**given: object) -> settings.SyntheticSource:
    return settings.SyntheticSource.model_validate({"scene": SMALL, **given})


def test_every_kind_in_the_settings_has_a_source() -> None:
    schema = TypeAdapter(settings.Source).json_schema()
    assert set(schema["discriminator"]["mapping"]) == set(SOURCES)


def test_open_source_opens_what_the_settings_name() -> None:
    with open_source(synthetic(), Modality.INFRARED) as source:
        assert isinstance(source, SyntheticEye)
        assert source.modality is Modality.INFRARED


@pytest.mark.parametrize(("modality", "shape"), [(Modality.VISIBLE, (48, 64, 3)), (Modality.INFRARED, (48, 64))])
def test_each_eye_of_the_scene_has_its_own_channels(modality: Modality, shape: tuple[int, ...]) -> None:
    with open_source(synthetic(), modality) as source:
        image = source.read()
    assert image is not None
    assert image.pixels.shape == shape
    assert image.pixels.dtype == np.uint8


def test_synthetic_lasts_its_duration_at_its_rate() -> None:
    with open_source(synthetic(fps=10, duration_s=0.5), Modality.INFRARED) as source:
        assert source.length == 5
        assert [image.media_ns for image in source] == [i * 100_000_000 for i in range(5)]
        assert source.read() is None


def test_prerendered_frames_repeat_with_stamps_that_go_on() -> None:
    with open_source(synthetic(fps=10, duration_s=0.5, prerender=2), Modality.VISIBLE) as source:
        images = list(source)
    assert [image.media_ns for image in images] == [i * 100_000_000 for i in range(5)]
    assert images[2].pixels is images[0].pixels
    assert not np.array_equal(images[0].pixels, images[1].pixels)


def test_prerendered_frames_are_those_drawn_live() -> None:
    with (
        open_source(synthetic(prerender=2), Modality.INFRARED) as before,
        open_source(synthetic(), Modality.INFRARED) as live,
    ):
        for _ in range(2):
            one, other = before.read(), live.read()
            assert one is not None
            assert other is not None
            np.testing.assert_array_equal(one.pixels, other.pixels)


def test_pictures_that_come_too_late_are_left_out_and_counted() -> None:
    with open_source(synthetic(fps=10, duration_s=2, prerender=1), Modality.INFRARED) as source:
        assert source.read() is not None
        source.skip_to(500_000_000)
        times_ns = [image.media_ns for image in source]
    assert times_ns == [i * 100_000_000 for i in range(5, 20)]
    assert source.dropped == {"behind": 4}


def test_a_source_that_is_always_too_late_gives_a_picture_now_and_then() -> None:
    with open_source(synthetic(fps=10, duration_s=20, prerender=1), Modality.INFRARED) as source:
        source.skip_to(10**12)
        images = list(source)
    assert 2 < len(images) < 20
    assert len(images) + source.dropped["behind"] == 200


def test_a_closed_eye_sees_nothing() -> None:
    source = open_source(synthetic(), Modality.INFRARED)
    source.close()
    assert source.read() is None


def test_colour_infrared_becomes_gray() -> None:
    gray = as_modality(np.full((2, 3, 3), 77, np.uint8), Modality.INFRARED)
    np.testing.assert_array_equal(gray, np.full((2, 3), 77, np.uint8))
