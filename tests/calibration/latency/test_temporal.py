"""The latency between two cameras is found to a few milliseconds."""

import cv2
import numpy as np
import pytest

from calibration.latency.blinking import switches
from calibration.latency.motion import MotionSignal
from calibration.latency.temporal import latency
from irvis.errors import DataError
from irvis.frame import Pixels
from irvis.scene import Scene, SceneConfig


def test_the_moving_street_tells_the_latency() -> None:
    scene = Scene(SceneConfig(width=320, height=240, ir_width=160, ir_height=120, light="day"))
    visible, infrared = MotionSignal(), MotionSignal()
    for k in range(500):
        visible.add(np.asarray(cv2.cvtColor(scene.visible(k / 25), cv2.COLOR_BGR2GRAY), np.uint8), k / 25)
        infrared.add(scene.infrared(k / 25), k / 25 + 0.043)
    assert abs(latency(visible, infrared).delay_ms - 43) < 3


def lamp(time_s: float, size: tuple[int, int], rng: np.random.Generator, seed: int = 5) -> Pixels:
    """A picture with a lamp that blinks at odd intervals, exposed for 10 ms."""
    edges = np.cumsum(np.random.default_rng(seed).uniform(0.3, 0.9, 120))
    lit = np.mean(np.searchsorted(edges, time_s + np.linspace(0, 0.01, 11)) % 2)
    picture = np.full(size[::-1], 60.0)
    picture[size[1] // 3 : size[1] // 2, size[0] // 3 : size[0] // 2] += 120 * lit
    return np.asarray(np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255), np.uint8)


def test_a_blinking_lamp_tells_the_latency() -> None:
    rng = np.random.default_rng(0)
    visible, infrared = MotionSignal(blinks=True), MotionSignal(blinks=True)
    for k in range(500):
        visible.add(lamp(k / 25, (160, 120), rng), k / 25)
        infrared.add(lamp(k / 30, (80, 60), rng), k / 30 - 0.024)
    assert abs(latency(visible, infrared).delay_ms + 24) < 3


@pytest.mark.parametrize(("seed", "fps"), [(0, 25), (1, 30)])
def test_a_minute_of_a_lamp_tells_the_latency_of_a_9_hz_camera(seed: int, fps: int) -> None:
    rng = np.random.default_rng(seed)
    begins_s = float(rng.uniform(0, 1 / 9))
    visible, infrared = MotionSignal(blinks=True), MotionSignal(blinks=True)
    for k in range(60 * fps):
        visible.add(lamp(k / fps, (32, 24), rng, seed), k / fps)
    for k in range(60 * 9):
        time_s = begins_s + k / 9
        infrared.add(lamp(time_s, (40, 30), rng, seed), time_s + 0.043)
    assert abs(latency(visible, infrared).delay_ms - 43) < 3


def test_a_slow_lamp_that_fades_tells_when_it_is_half_lit() -> None:
    times_s = np.arange(100) / 25
    lit = np.clip((times_s - 2.03) / 0.2 + 0.5, 0, 1)
    (switch,) = switches(times_s, 50 + 100 * lit[:, None] * np.array([[1.0, 0.1]]))
    assert switch.is_on
    assert switch.after_s < 2.03 < switch.before_s


def test_noise_alone_tells_nothing() -> None:
    rng = np.random.default_rng(0)
    signals = [MotionSignal(), MotionSignal()]
    for k in range(200):
        for signal in signals:
            signal.add(rng.integers(0, 255, (60, 80), np.uint8), k / 25)
    with pytest.raises(DataError, match=r"too little in common.*blink a lamp"):
        latency(signals[0], signals[1])


def test_a_short_recording_is_told() -> None:
    signals = [MotionSignal().add_all((np.zeros((60, 80), np.uint8), k / 25) for k in range(20)) for _ in range(2)]
    with pytest.raises(DataError, match=r"recorded together for 0.7 s; expected 3.6 or more"):
        latency(signals[0], signals[1])
