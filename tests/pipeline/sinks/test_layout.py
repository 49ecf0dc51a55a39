from dataclasses import replace

import numpy as np
import pytest

from irvis.frame import FusedFrame, InfraredState, PairContract, Pixels
from irvis.overlay import class_colour
from irvis.thermal import Palette, colour
from pipeline.sinks.layout import LAYOUTS, Composer, LayoutName

HEIGHT, WIDTH = 120, 160


def flat(level: int, *channels: int) -> Pixels:
    picture = np.full((HEIGHT, WIDTH, *channels), level, np.uint8)
    picture.flags.writeable = False
    return picture


def frame(state: InfraredState = InfraredState.LIVE, inputs: bool = True, label: int = 0) -> FusedFrame:
    return FusedFrame(
        fused=flat(150, 3),
        labels=flat(label),
        stamp_ns=0,
        captured_ns=0,
        published_ns=0,
        seq=0,
        stream_id=1,
        contract=PairContract(0, 0, 0, state, "rig", "engine"),
        visible=flat(100, 3) if inputs else None,
        infrared=flat(50) if inputs else None,
    )


def test_fused_is_the_picture_itself() -> None:
    given = frame()
    assert Composer().compose(given, "fused") is given.fused


def test_overlay_shows_the_labels_on_the_fused_picture() -> None:
    picture = Composer().compose(frame(label=2), "overlay")
    assert picture.shape == (HEIGHT, WIDTH, 3)
    expected = 0.6 * 150 + 0.4 * np.array(class_colour(2))
    np.testing.assert_allclose(picture[HEIGHT // 2, WIDTH // 2], expected, atol=1)


def test_side_by_side_is_infrared_visible_over_fused_overlay() -> None:
    picture = Composer().compose(frame(), "side_by_side")
    assert picture.shape == (2 * HEIGHT, 2 * WIDTH, 3)
    centres = picture[HEIGHT // 2 :: HEIGHT, WIDTH // 2 :: WIDTH]
    assert centres[:, :, 0].tolist() == [[50, 100], [150, 150]]


def test_side_by_side_of_large_frames_fits_a_screen() -> None:
    large = replace(
        frame(),
        fused=np.full((1080, 1920, 3), 150, np.uint8),
        labels=np.full((1080, 1920), 2, np.uint8),
        visible=np.full((1080, 1920, 3), 100, np.uint8),
        infrared=np.full((1080, 1920), 50, np.uint8),
    )
    picture = Composer().compose(large, "side_by_side")
    assert picture.shape == (1080, 1920, 3)
    assert picture[270::540, 480::960, 0].tolist() == [
        [50, 100],
        [150, round(0.6 * 150 + 0.4 * class_colour(2)[0])],
    ]


def test_without_inputs_side_by_side_is_fused_and_overlay() -> None:
    picture = Composer().compose(frame(inputs=False), "side_by_side")
    assert picture.shape == (HEIGHT, 2 * WIDTH, 3)
    assert picture[HEIGHT // 2, WIDTH // 2 :: WIDTH, 0].tolist() == [150, 150]


@pytest.mark.parametrize("state", [InfraredState.HELD, InfraredState.LOST])
@pytest.mark.parametrize(
    ("layout", "inputs"), [("overlay", True), ("side_by_side", True), ("side_by_side", False)]
)
def test_an_infrared_that_is_not_live_is_named(state: InfraredState, layout: LayoutName, inputs: bool) -> None:
    live = Composer().compose(frame(inputs=inputs), layout)
    degraded = Composer().compose(frame(state, inputs), layout)
    assert (live != degraded).any()


def test_one_composer_draws_every_layout_in_turn() -> None:
    composer = Composer()
    shapes = [composer.compose(frame(), layout).shape[:2] for layout in (*LAYOUTS, *LAYOUTS)]
    assert shapes == 2 * [*4 * [(HEIGHT, WIDTH)], (2 * HEIGHT, 2 * WIDTH)]


@pytest.mark.parametrize("palette", ["white_hot", "black_hot", "inferno"])
def test_the_infrared_is_shown_in_its_palette(palette: Palette) -> None:
    given = frame()
    assert given.infrared is not None
    shown = Composer(palette).compose(given, "side_by_side")[HEIGHT - 1, WIDTH - 1]
    assert shown.tolist() == colour(given.infrared, palette)[-1, -1].tolist()


@pytest.mark.parametrize("layout", ["overlay", "side_by_side"])
def test_a_lost_visible_camera_is_named(layout: LayoutName) -> None:
    given = frame()
    lost = replace(given, contract=replace(given.contract, visible_lost=True))
    assert (Composer().compose(lost, layout) != Composer().compose(given, layout)).any()


def test_a_camera_is_shown_alone_where_the_frame_carries_it() -> None:
    given = frame()
    assert Composer().compose(given, "visible") is given.visible
    infrared = Composer("inferno").compose(given, "infrared")
    assert np.array_equal(infrared, colour(flat(50), "inferno"))
    bare = frame(inputs=False)
    assert Composer().compose(bare, "infrared") is bare.fused


def test_the_overlay_is_as_opaque_as_it_is_made() -> None:
    composer = Composer()
    composer.opacity = 1.0
    picture = composer.compose(frame(label=2), "overlay")
    assert tuple(picture[HEIGHT // 2, WIDTH // 2]) == class_colour(2)
