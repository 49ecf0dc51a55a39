"""The watch on the registration finds how far the synthetic cameras are off, corrects it or says so."""

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from irvis.frame import Pixels
from irvis.geometry import pixel_grid
from irvis.registration import estimate_residual
from irvis.rig import Rig, load_rig
from irvis.scene import Scene, SceneConfig
from irvis.settings import Align
from pipeline.fusion.align import Aligner
from pipeline.fusion.watch import DEADBAND_PX, RegistrationWatch

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


def seen_by_infrared(rig: Rig, visible: Pixels, size: tuple[int, int], plane_m: float) -> Pixels:
    """What the infrared camera sees of a plane that looks like the visible picture, at this distance."""
    assert rig.ir_from_vis
    vis_size = visible.shape[1], visible.shape[0]
    ahead = np.column_stack([pixel_grid(size), np.ones(size[0] * size[1])])
    rays = (
        ahead @ np.linalg.inv(rig.infrared.intrinsics(size)).T - np.array(rig.ir_from_vis.translation_m) / plane_m
    )
    places = (rays @ rig.visible.intrinsics(vis_size).T)[:, :2].astype(np.float32)
    x, y = (places[:, axis].reshape(size[::-1]).copy() for axis in (0, 1))
    return np.asarray(cv2.remap(visible, x, y, cv2.INTER_LINEAR), np.uint8)


def test_the_plane_follows_what_the_cameras_see() -> None:
    rig = load_rig(Path(__file__).parents[3] / "configs" / "rig" / "side_by_side.yaml")
    street = Scene(SceneConfig(width=640, height=360, light="day"))
    visible = np.asarray(cv2.cvtColor(street.visible(10.0), cv2.COLOR_BGR2GRAY), np.uint8)
    infrared = seen_by_infrared(rig, 255 - visible, (320, 256), plane_m=3.0)
    aligner, size = Aligner(rig, "follow"), (640, 360)
    watch = RegistrationWatch(Align(plane_m="follow"), aligner, {})
    for _ in range(9):
        watch.take(estimate_residual(visible, aligner.align(infrared, size)), size, size)
    assert watch.state
    assert aligner.plane_m == pytest.approx(3.0, rel=0.05)
    assert watch.state.plane_m == aligner.plane_m
    assert watch.state.residual_px < DEADBAND_PX + 0.2
