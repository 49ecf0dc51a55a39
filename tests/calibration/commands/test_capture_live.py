"""Pairs are taken from live cameras: two MJPEG streams on loopback, of 25 and 9 pictures a second."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
import yaml

from calibration.commands.capture import capture
from calibration.eyes import watch
from irvis.errors import SourceError
from irvis.settings import CameraSource

RATES_HZ = {"vi": 25.0, "ir": 9.0}
TELLING = 0, 2, 4, 5, 6, 13
"""The views that each add something."""


def jpeg(file: Path) -> bytes:
    picture = cv2.imread(str(file))
    assert picture is not None
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


@pytest.fixture
def cameras(board_pairs: Callable[..., Any], serve_mjpeg: Callable[..., Any], tmp_path: Path) -> Any:
    """Two cameras that both see the pair that comes after those that were taken."""
    pairs = board_pairs("circles", (320, 240), views=14).folder
    views = {folder: [jpeg(pairs / folder / f"{k:02d}.png") for k in TELLING] for folder in RATES_HZ}

    def seen(folder: str) -> bytes:
        taken = len(list((tmp_path / "taken" / "ir").glob("*.png")))
        return views[folder][min(taken, len(TELLING) - 1)]

    return serve_mjpeg(seen, RATES_HZ)


def test_live_cameras_of_two_rates_are_watched_until_there_are_pairs_enough(
    cameras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "system.yaml"
    sources = {
        camera: {"kind": "camera", "device": cameras.url(folder), "timeout_s": 30}
        for camera, folder in (("visible", "vi"), ("infrared", "ir"))
    }
    config.write_text(yaml.safe_dump(sources))
    capture(config, target="circles", size="7x5", out=tmp_path / "taken", wanted=4, headless=True)
    names = [sorted(path.name for path in (tmp_path / "taken" / folder).iterdir()) for folder in ("vi", "ir")]
    assert len(names[0]) >= 4
    assert names[0] == names[1]
    assert "covered: visible" in capsys.readouterr().out


def test_a_camera_that_stops_is_told(cameras: Any) -> None:
    pictures = watch(CameraSource(device=cameras.url("vi"), timeout_s=30), "visible")
    assert next(pictures).shape == (600, 800, 3)
    cameras.over.set()
    with pytest.raises(SourceError, match=r"visible http.*gives no more pictures; check its cable"):
        for _ in pictures:
            pass


def test_a_camera_that_is_not_there_is_told() -> None:
    with pytest.raises(SourceError, match=r"infrared /dev/video99: can't be opened; check that it is there"):
        next(watch(CameraSource(device="/dev/video99"), "infrared"))
