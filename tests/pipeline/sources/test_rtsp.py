"""A camera over RTSP: FFmpeg's client in OpenCV against a server that speaks RFC 2326, H.264 in RTP over TCP."""

import socketserver
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from irvis.clock import now_ns
from irvis.errors import SourceTimeout
from irvis.frame import Modality
from irvis.settings import CameraSource
from pipeline.sources import Image
from pipeline.sources.camera import Camera

DEADLINE_S = 60.0
SIZE = (64, 48)
FPS = 50
RTP_HZ = 90_000
PICTURES, STEP = 50, 4
"""Each of fifty pictures is so much brighter than the one before, so that it tells when it was made."""
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


class RtspServer(socketserver.ThreadingTCPServer):
    """Streams gray pictures to each client while `going` is set; without, the line goes dead."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RtspClient)
        self.going, self.over = threading.Event(), threading.Event()
        self.going.set()
        self.made = 0

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.server_address[1]}/camera"


class RtspClient(socketserver.StreamRequestHandler):
    """Answers one client, then sends RTP on the same connection."""

    server: RtspServer

    def handle(self) -> None:
        with suppress(OSError):
            while request := self._request():
                method, number = request
                answers = {
                    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n",
                    "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}",
                    "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n",
                }
                answer = answers.get(method, "Session: 1\r\n\r\n")
                self.wfile.write(f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{answer}".encode())
                if method == "PLAY":
                    self._play()
                    return

    def _request(self) -> tuple[str, str] | None:
        """The method and number of the next request; None when the client has gone."""
        first = self.rfile.readline().decode()
        headers = dict(line.split(": ", 1) for line in iter(lambda: self.rfile.readline().decode().strip(), ""))
        return (first.split()[0], headers["CSeq"]) if first else None

    def _play(self) -> None:
        encoder = av.CodecContext.create("libx264", "w")
        assert isinstance(encoder, VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = *SIZE, "yuv420p"
        encoder.time_base, encoder.gop_size = Fraction(1, FPS), 5
        encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
        sent = 0
        while not self.server.over.wait(1 / FPS):
            if not self.server.going.is_set():
                continue
            self.server.made += 1
            gray = np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8)
            gray[: SIZE[1]] = 20 + STEP * (self.server.made % PICTURES)
            frame = av.VideoFrame.from_ndarray(gray, format="yuv420p")
            frame.pts = self.server.made
            for packet in encoder.encode(frame):
                units = [unit for unit in bytes(packet).replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
                for unit in units:
                    marker = 0x80 if unit is units[-1] else 0
                    stamp = self.server.made * RTP_HZ // FPS
                    rtp = struct.pack("!BBHII", 0x80, marker | 96, sent & 0xFFFF, stamp, 1) + unit
                    self.wfile.write(struct.pack("!cBH", b"$", 0, len(rtp)) + rtp)
                    sent += 1


@pytest.fixture
def server(serve: Callable[[RtspServer], RtspServer]) -> RtspServer:
    return serve(RtspServer())


def read(camera: Camera) -> Image:
    """The next picture, however often the camera has to be opened again for it."""
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        with suppress(SourceTimeout):
            if image := camera.read():
                return image
    raise AssertionError("no picture came")


def number_of(image: Image) -> int:
    """Which of the fifty pictures it is."""
    return round((float(np.mean(image.pixels)) - 20) / STEP)


def test_an_rtsp_stream_gives_colour_frames_stamped_when_they_come(server: RtspServer) -> None:
    before_ns = now_ns()
    with Camera(CameraSource(device=server.url), Modality.VISIBLE) as camera:
        image = read(camera)
    assert image.pixels.shape == (SIZE[1], SIZE[0], 3)
    assert image.stamp_ns is not None
    assert before_ns < image.stamp_ns <= now_ns()


def test_a_reader_that_pauses_sees_the_present_again(server: RtspServer) -> None:
    with Camera(CameraSource(device=server.url), Modality.VISIBLE) as camera:
        read(camera)
        deadline_s = time.monotonic() + DEADLINE_S
        while camera.dropped["camera_overflow"] < 2 * PICTURES:  # two seconds' worth that nobody read
            assert time.monotonic() < deadline_s
            threading.Event().wait(0.01)
        late = PICTURES
        while late > 5:
            assert time.monotonic() < deadline_s, f"it stays {late} frames late"
            late = (server.made - number_of(read(camera))) % PICTURES


def test_an_rtsp_camera_whose_line_goes_dead_is_opened_again(server: RtspServer) -> None:
    settings = CameraSource(device=server.url, timeout_s=1.0)
    with Camera(settings, Modality.VISIBLE) as camera:
        read(camera)
        server.going.clear()
        with pytest.raises(SourceTimeout):
            list(camera)
        server.going.set()
        assert read(camera).pixels.shape == (SIZE[1], SIZE[0], 3)
