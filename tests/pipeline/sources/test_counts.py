"""What 16-bit cameras hand over, in all the shapes that OpenCV gives it, becomes counts and brightness."""

import numpy as np
import pytest

from irvis.errors import SourceError
from irvis.frame import Modality
from irvis.thermal import Thermal
from pipeline.capture.repeats import RepeatWatch
from pipeline.sources.counts import CountsReader, as_counts

COUNTS = (np.arange(48, dtype=np.uint16) * 600).reshape(6, 8)


@pytest.mark.parametrize(
    "raw",
    [
        COUNTS,
        COUNTS.reshape(1, -1),
        COUNTS.view(np.uint8),
        COUNTS.view(np.uint8).reshape(1, -1),
        COUNTS[..., None],
    ],
    ids=["rows", "one row", "rows of bytes", "one row of bytes", "a channel"],
)
def test_every_shape_that_opencv_gives_is_understood(raw: np.ndarray) -> None:
    assert np.array_equal(as_counts(raw, (8, 6)), COUNTS)


def test_a_picture_of_eight_bits_is_refused() -> None:
    with pytest.raises(SourceError, match="48 bytes for 8x6 pixels: expected 16 bits each; set pixel_format"):
        as_counts(np.zeros((6, 8), np.uint8), (8, 6))


def test_the_shutter_is_told_with_the_picture() -> None:
    rows = np.zeros((3, 80), np.uint16)
    rows[0, 3] = 2 << 4
    raw = np.vstack([np.full((60, 80), 29_000, np.uint16), rows])
    image = CountsReader(Thermal(telemetry="lepton")).read(raw, stamp_ns=5)
    assert image.shutter
    assert (image.pixels.shape, image.stamp_ns) == ((60, 80), 5)
    assert image.counts is not None
    assert image.counts.shape == (60, 80)


def numbered(number: int, level: int = 29_000) -> np.ndarray:
    """A small picture with a Lepton's telemetry below it."""
    rows = np.zeros((3, 80), np.uint16)
    rows[0, 20:22] = number & 0xFFFF, number >> 16
    return np.vstack([np.arange(80 * 60, dtype=np.uint16).reshape(60, 80) + level, rows])


def test_what_the_camera_numbered_and_never_gave_is_counted() -> None:
    reader = CountsReader(Thermal(telemetry="lepton"))
    lost = []
    for number in (65_530, 65_533, 65_536, 65_545, 65_548, 3, 6):  # every third is given; it begins again at 3
        reader.read(numbered(number))
        lost.append(reader.lost)
    assert lost == [0, 0, 0, 2, 2, 2, 2]


def test_a_picture_that_is_repeated_is_found_out_while_its_brightness_still_settles() -> None:
    reader, watch = CountsReader(Thermal(telemetry="lepton")), RepeatWatch(Modality.INFRARED)
    levels = (29_000, 31_000, 31_000, 31_000)
    images = [reader.read(numbered(n, level), stamp_ns=n * 10**8) for n, level in enumerate(levels)]
    assert not np.array_equal(images[2].pixels, images[1].pixels)
    assert [watch.is_repeated(image.given, n * 10**8) for n, image in enumerate(images)] == [
        False,
        False,
        True,
        True,
    ]
