"""Pairs are taken from live cameras: two MJPEG streams on loopback, of 25 and 9 pictures a second."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import pytest
import yaml

from calibration.capture_command import capture
from calibration.eyes import watch
from irvis.errors import SourceError
from irvis.settings import CameraSource

RATES_HZ = {"vi": 25.0, "ir": 9.0}
TELLING = 0, 2, 4, 5, 6, 13
"""The views that each add something."""


class Cameras(ThreadingHTTPServer):
    """Serves a folder of pairs as two cameras; both see the pair that comes after those that were taken."""

    daemon_threads = True

    def __init__(self, pairs: Path, taken: Path) -> None:
        super().__init__(("127.0.0.1", 0), CameraHandler)
        self.over = threading.Event()
        self._taken = taken / "ir"
        self._views = {
            folder: [self._jpeg(pairs / folder / f"{k:02d}.png") for k in TELLING] for folder in RATES_HZ
        }

    def url(self, folder: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{folder}"

    def seen(self, folder: str) -> bytes:
        views = self._views[folder]
        return views[min(len(list(self._taken.glob("*.png"))), len(views) - 1)]

    @staticmethod
    def _jpeg(file: Path) -> bytes:
        picture = cv2.imread(str(file))
        assert picture is not None
        return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


class CameraHandler(BaseHTTPRequestHandler):
    server: Cameras

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        folder = self.path.strip("/")
        try:
            while not self.server.over.wait(1 / RATES_HZ[folder]):
                picture = self.server.seen(folder)
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                self.wfile.write(head.encode() + picture + b"\r\n")
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def cameras(board_pairs: Callable[..., Any], tmp_path: Path) -> Iterator[Cameras]:
    made = board_pairs("circles", (320, 240), views=14)
    with Cameras(made.folder, tmp_path / "taken") as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


def test_live_cameras_of_two_rates_are_watched_until_there_are_pairs_enough(
    cameras: Cameras, tmp_path: Path, capsys: pytest.CaptureFixture[str]
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


def test_a_camera_that_stops_is_told(cameras: Cameras) -> None:
    pictures = watch(CameraSource(device=cameras.url("vi"), timeout_s=30), "visible")
    assert next(pictures).shape == (600, 800, 3)
    cameras.over.set()
    with pytest.raises(SourceError, match=r"visible http.*gives no more pictures; check its cable"):
        for _ in pictures:
            pass


def test_a_camera_that_is_not_there_is_told() -> None:
    with pytest.raises(SourceError, match=r"infrared /dev/video99: can't be opened; check that it is there"):
        next(watch(CameraSource(device="/dev/video99"), "infrared"))
