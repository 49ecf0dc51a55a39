"""The watch on the registration finds how far the synthetic cameras are off, corrects it or says so."""

import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from irvis.frame import Pixels
from irvis.registration import estimate_residual
from irvis.scene import Scene, SceneConfig
from irvis.settings import Align
from pipeline.align import Aligner
from pipeline.watch import DEADBAND_PX, RegistrationWatch

SIZE = 640, 480
DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(SceneConfig(light="dusk", ir_shift_px=(6.0, -3.5)))


def estimates(scene: Scene, aligner: Aligner, watch: RegistrationWatch, frames: int) -> Iterator[Pixels]:
    """Lets the watch see some frames, as the fusion node would, without its clock."""
    for k in range(frames):
        visible = scene.visible(20 + k / 5)
        aligned = aligner.align(scene.infrared(20 + k / 5), SIZE)
        gray = np.asarray(cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY), np.uint8)
        watch.take(estimate_residual(gray, aligned), SIZE, SIZE)
        yield aligned


def test_the_shift_is_found_to_half_a_pixel(scene: Scene) -> None:
    aligner, detail = Aligner(None), dict[str, str]()
    watch = RegistrationWatch(Align(), aligner, detail)
    list(estimates(scene, aligner, watch, 4))
    assert watch.state
    assert abs(watch.state.right_px - 6.0) < 0.5
    assert abs(watch.state.down_px + 3.5) < 0.5
    assert not watch.state.is_corrected
    assert "off" in detail["registration"]


def test_above_the_limit_the_alarm_is_raised_and_fine_detail_faded(scene: Scene) -> None:
    aligner = Aligner(None)
    watch = RegistrationWatch(Align(alarm_px=4.0), aligner, {})
    pictures = list(estimates(scene, aligner, watch, 5))
    assert watch.state
    assert watch.state.is_alarm
    sharp, faded = (cv2.Laplacian(picture, cv2.CV_32F).var() for picture in (pictures[0], pictures[-1]))
    assert faded < 0.2 * sharp


def test_asked_to_refine_it_brings_the_pictures_together_and_keeps_still(scene: Scene) -> None:
    aligner = Aligner(None)
    watch = RegistrationWatch(Align(refine=True), aligner, {})
    list(estimates(scene, aligner, watch, 8))
    assert watch.state
    assert watch.state.is_corrected
    assert watch.state.residual_px < DEADBAND_PX + 0.2
    assert not watch.state.is_alarm
    moved = aligner.align(scene.infrared(20.0), SIZE)
    left = estimate_residual(np.asarray(cv2.cvtColor(scene.visible(20.0), cv2.COLOR_BGR2GRAY), np.uint8), moved)
    assert np.hypot(*left.shift_px) < 0.5


def test_pictures_without_anything_in_common_change_nothing() -> None:
    rng = np.random.default_rng(0)
    aligner = Aligner(None)
    aligner.align(np.zeros((480, 640), np.uint8), SIZE)
    watch = RegistrationWatch(Align(refine=True), aligner, {})
    for _ in range(5):
        noise = [rng.integers(0, 255, (240, 320), np.uint8) for _ in range(2)]
        watch.take(estimate_residual(noise[0], noise[1]), (320, 240), SIZE)
    assert watch.state is None


def test_looking_costs_the_caller_no_estimate(scene: Scene) -> None:
    aligner, detail = Aligner(None), dict[str, str]()
    watch = RegistrationWatch(Align(interval_s=0.01), aligner, detail)
    deadline_s = time.monotonic() + DEADLINE_S
    k = 0
    while watch.state is None and time.monotonic() < deadline_s:
        at_s = 20 + k % 20 / 5
        watch.look(scene.visible(at_s), aligner.align(scene.infrared(at_s), SIZE))
        k += 1
    assert watch.state
    assert abs(watch.state.right_px - 6.0) < 0.7
