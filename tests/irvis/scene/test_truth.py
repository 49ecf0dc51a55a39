"""The truth the synthetic world tells about itself is the truth of its pictures."""

from collections.abc import Callable

import numpy as np
import pytest

from irvis.scene import CLASS_IDS, Scene

World = Callable[..., Scene]


@pytest.fixture
def scene(world: World) -> Scene:
    return world(noise=0.0)


@pytest.mark.parametrize("time_s", [5.0, 30.0, 46.0])
def test_boxes_hold_their_labels_exactly(scene: Scene, time_s: float) -> None:
    labels, objects = scene.labels(time_s), scene.objects(time_s)
    assert objects
    moving = np.isin(labels, [CLASS_IDS[name] for name in ("car", "person", "bike")])
    boxed = np.zeros_like(moving)
    for found in objects:
        x0, y0, x1, y1 = found.box
        inside = labels[y0:y1, x0:x1] == found.class_id
        assert all(edge.any() for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))
        boxed[y0:y1, x0:x1] = True
    assert not (moving & ~boxed).any()


def test_objects_come_farthest_first(scene: Scene) -> None:
    distances = [found.distance_m for found in scene.objects(30.0)]
    assert distances == sorted(distances, reverse=True)


def test_every_kind_of_object_appears(scene: Scene) -> None:
    seen = np.unique(np.stack([scene.labels(t) for t in np.arange(0, 48, 2.0)]))
    missing = {name for name, number in CLASS_IDS.items() if number not in seen}
    assert missing == {"car_stop"}


def test_sizes_obey_perspective(scene: Scene) -> None:
    """A car twice as far is half as wide: the one that comes down the street."""
    widths = []
    for time_s in np.arange(16.0, 25.0, 0.5):
        for found in scene.objects(float(time_s)):
            if found.class_id == CLASS_IDS["car"] and found.distance_m > 35 and found.box[2] < 180:
                widths.append((found.box[2] - found.box[0]) * found.distance_m)
    assert len(widths) > 4
    assert max(widths) < 1.6 * min(widths)


POSES = [
    {"ir_shift_px": (9.0, -5.0)},
    {"ir_scale": 0.8, "ir_shift_px": (-12.5, 4.25)},
    {"ir_rotation_deg": 3.0, "ir_scale": 1.1},
    {"ir_width": 160, "ir_height": 128, "ir_rotation_deg": -2.0, "ir_shift_px": (3.0, 2.0)},
]


@pytest.mark.parametrize("pose", POSES)
def test_vis_from_ir_takes_warm_objects_to_their_labels(world: World, pose: dict[str, object]) -> None:
    """The person on the zebra, against the picture without them."""
    scene, time_s, before_s = world(noise=0.0, **pose), 29.0, 18.0
    change = np.abs(scene.infrared(time_s).astype(float) - scene.infrared(before_s))
    checked = 0
    for found in scene.objects(time_s):
        x0, y0, x1, y1 = found.box
        if found.id != 1:
            continue
        rows, cols = np.nonzero(scene.labels(time_s)[y0:y1, x0:x1] == CLASS_IDS["person"])
        truth = np.array([cols.mean() + x0, rows.mean() + y0])
        ys, xs = np.nonzero(change > 12)
        ends = scene.vis_from_ir @ np.stack([xs, ys, np.ones_like(xs)]).astype(float)
        u, v = ends[0] / ends[2], ends[1] / ends[2]
        near = (u > x0 - 1) & (u < x1) & (v > y0 - 1) & (v < y1)
        assert np.hypot(*(np.array([u[near].mean(), v[near].mean()]) - truth)) < 1.0
        checked += 1
    assert checked


def test_vis_from_ir_is_the_identity_without_a_pose(scene: Scene) -> None:
    np.testing.assert_allclose(scene.vis_from_ir, np.eye(3), atol=1e-12)
