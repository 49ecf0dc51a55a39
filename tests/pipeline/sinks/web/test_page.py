"""The page in a real browser, against a live node."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from irvis.frame import Pixels
from pipeline.recording.reader import Recording

PIXEL = """([x, y]) => {
  const canvas = document.querySelector(".frame canvas");
  const at = [Math.floor(x * canvas.width), Math.floor(y * canvas.height)];
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3);
}"""
SEQ = "Number(document.querySelector('canvas[data-seq]').dataset.seq)"


def pixel(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """Red, green and blue of the picture at a share of its width and height."""
    red, green, blue = page.evaluate(PIXEL, [x, y])
    return red, green, blue


def wait_for_pixel(page: Page, x: float, y: float, is_so: str) -> None:
    """Wait until the pixel there, r g b, fulfils an expression."""
    page.wait_for_function(
        f"() => {{ const [r, g, b] = ({PIXEL})([{x}, {y}]); return {is_so}; }}",
    )


def test_frames_arrive_and_change(page: Page) -> None:
    first = pixel(page, 0.5, 0.2)
    page.wait_for_function(f"{SEQ} > 20")
    wait_for_pixel(page, 0.5, 0.2, f"Math.abs(r - {first[0]}) > 5")


def test_the_wipe_is_dragged_between_two_views(page: Page) -> None:
    page.keyboard.press("w")
    page.keyboard.press("1")
    page.keyboard.press("Shift+2")
    wait_for_pixel(page, 0.3, 0.2, "g > 150 && r < 60")  # the visible, which is green
    page.click("#palette")
    page.select_option("#palette", "white_hot")
    wait_for_pixel(page, 0.7, 0.2, "Math.abs(r - 178) < 12 && Math.abs(g - 178) < 12")
    handle, box = page.locator(".wipe"), page.locator(".frame").bounding_box()
    assert box
    handle.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 20, steps=4)
    page.mouse.up()
    wait_for_pixel(page, 0.7, 0.2, "g > 150 && r < 60")
    handle.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    assert page.evaluate("irvis.look.wipe") < 0.55
    wait_for_pixel(page, 0.7, 0.2, "Math.abs(r - 178) < 12")


def test_the_legend_names_what_is_in_the_overlay(page: Page) -> None:
    assert page.locator(".legend").is_hidden()
    page.keyboard.press("4")
    page.wait_for_selector(".legend li")
    assert page.locator(".legend li").all_inner_texts() == ["car", "person"]
    colour = (
        page.locator(".legend li", has_text="person")
        .locator(".swatch")
        .evaluate("swatch => getComputedStyle(swatch).backgroundColor")
    )
    assert colour == "rgb(255, 70, 70)"


def test_the_overlay_is_as_opaque_as_is_asked(page: Page) -> None:
    page.keyboard.press("4")
    page.locator("#opacity").fill("100")
    wait_for_pixel(page, 0.2, 0.8, "r === 255 && g === 70 && b === 70")
    page.locator("#opacity").fill("0")
    wait_for_pixel(page, 0.2, 0.8, "Math.abs(r - g) < 8")


def test_the_class_under_the_pointer_is_named(page: Page) -> None:
    box = page.locator(".frame").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.8)
    page.wait_for_selector(".tip:not([hidden])")
    assert page.locator(".tip").inner_text().strip() == "car"
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.1)
    page.wait_for_selector(".tip", state="hidden")


def test_palettes_colour_the_infrared(page: Page) -> None:
    page.keyboard.press("2")
    page.select_option("#palette", "black_hot")
    wait_for_pixel(page, 0.95, 0.5, "r < 25 && g < 25 && b < 25")
    page.select_option("#palette", "inferno")
    wait_for_pixel(page, 0.75, 0.5, "r > 200 && g > 90 && b < 60")


def test_layouts_show_one_two_or_four_views(page: Page) -> None:
    sizes = {}
    for name in ("One", "Side by side", "All four"):
        page.get_by_role("radio", name=name).click()
        sizes[name] = page.evaluate(
            "(() => { const c = document.querySelector('.frame canvas'); "
            "return [c.width, c.height, document.querySelectorAll('.name').length]; })()"
        )
    assert sizes == {"One": [128, 96, 1], "Side by side": [256, 96, 2], "All four": [256, 192, 4]}


def test_pause_keeps_the_picture_and_all_its_views(page: Page) -> None:
    page.keyboard.press("Space")
    page.wait_for_function("irvis.stage.isFrozen")
    seq = page.evaluate(SEQ)
    page.keyboard.press("1")
    wait_for_pixel(page, 0.5, 0.5, "g > 150 && r < 60")
    assert page.evaluate(SEQ) == seq
    assert page.locator(".badge").inner_text() == "paused"
    page.keyboard.press("Space")
    page.wait_for_function(f"{SEQ} > {seq + 2}")


def test_full_screen_is_entered_and_left_by_key_and_by_button(page: Page) -> None:
    enter: list[Callable[[], None]] = [lambda: page.keyboard.press("f"), page.locator("#full").click]
    for do in enter:
        do()
        page.wait_for_function("document.fullscreenElement === irvis.stage.root")
        page.keyboard.press("4")
        page.wait_for_selector(".legend li")
        page.keyboard.press("f")
        page.wait_for_function("!document.fullscreenElement")


def test_a_snapshot_is_the_picture_that_is_shown(page: Page, tmp_path: Path) -> None:
    page.keyboard.press("1")
    wait_for_pixel(page, 0.5, 0.5, "g > 150 && r < 60")
    with page.expect_download() as download:
        page.keyboard.press("s")
    path = tmp_path / "snapshot.png"
    download.value.save_as(path)
    assert "visible" in download.value.suggested_filename
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (96, 128, 3)
    assert abs(int(picture[48, 64, 1]) - 200) < 10


def frames_of(path: Path) -> list[Pixels]:
    with av.open(path) as container:
        return [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]


def test_a_recording_is_started_and_stopped_on_the_page(page: Page, tmp_path: Path) -> None:
    page.keyboard.press("r")
    page.wait_for_function("irvis.stage.health.recording.frames > 5")
    assert page.locator(".badge").inner_text().endswith("rec")
    page.keyboard.press("r")
    link = page.locator("#toasts a")
    with page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "got.mp4")
    assert len(frames_of(tmp_path / "got.mp4")) > 5


def test_all_streams_are_recorded_if_that_is_chosen(page: Page, tmp_path: Path) -> None:
    page.select_option("#record-as", "mcap")
    page.keyboard.press("Escape")
    page.locator("#record").click()
    page.wait_for_function("irvis.stage.health.recording.frames > 5")
    page.locator("#record").click()
    link = page.locator("#toasts a", has_text=".mcap")
    with page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "got.mcap")
    page.select_option("#record-as", "mp4")
    with Recording(tmp_path / "got.mcap") as recording:
        assert recording.counts["/fused"] == recording.counts["/contract"] > 5


def test_the_strip_tells_how_the_stream_is(page: Page) -> None:
    def value(metric: str) -> str:
        return " ".join(page.locator(f"#metric-{metric} p").inner_text().split())

    page.wait_for_function("document.querySelector('#metric-state p').innerText.trim() === 'live'")
    assert value("p50") == "30.0 ms"
    assert value("skew") == "3.0 ms"
    assert value("drops") == "4 pair superseded"
    assert page.locator("#metric-drops").get_attribute("title") == "pair_superseded: 4"
    page.wait_for_function("irvis.stage.health.fps > 1")
    drawn = (
        "c => new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer).some(Boolean)"
    )
    page.wait_for_function(f"({drawn})(document.querySelector('#metric-fps canvas'))")


def test_every_control_is_reached_by_keyboard(page: Page) -> None:
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Enter")
    assert page.locator("dialog").is_hidden()
    page.locator("#layout [aria-checked=true]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("irvis.look.layout") == "side"
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button')].filter(b => !b.ariaLabel && !b.innerText.trim()).length"
    )
    assert unnamed == 0


@pytest.fixture(scope="module")
def phone(live: Any, open_page: Callable[..., Page]) -> Page:
    """The page on a phone, which keeps to the page's content policy."""
    return open_page(
        live.url, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True, bypass_csp=False
    )


def test_the_page_keeps_to_its_own_content_policy(phone: Page) -> None:
    phone.keyboard.press("4")
    phone.wait_for_selector(".legend li")


def test_what_a_finger_presses_is_as_large_as_a_fingertip(phone: Page) -> None:
    phone.get_by_role("radio", name="Wipe").tap()
    for pressed in (*phone.locator("button:visible").all(), *phone.locator("select:visible, input:visible").all()):
        box = pressed.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize("first_view", ["overlay", "visible"])
def test_a_phones_legend_covers_no_views_name(phone: Page, first_view: str) -> None:
    second_view = "visible" if first_view == "overlay" else "overlay"
    phone.evaluate(f"irvis.set({{layout: 'wipe', a: '{first_view}', b: '{second_view}'}})")
    phone.wait_for_selector(".legend li")
    legend = phone.locator(".legend").bounding_box()
    assert legend
    for name in phone.locator(".name").all():
        box = name.bounding_box()
        assert box
        is_beside = box["x"] + box["width"] <= legend["x"] or legend["x"] + legend["width"] <= box["x"]
        assert is_beside or box["y"] + box["height"] <= legend["y"] or legend["y"] + legend["height"] <= box["y"]


def test_a_phone_shows_all_without_sideways_scrolling(phone: Page) -> None:
    for name in ("One", "Side by side", "Wipe", "All four"):
        phone.get_by_role("radio", name=name).tap()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_a_phone_shows_what_is_side_by_side_one_above_the_other(phone: Page) -> None:
    phone.get_by_role("radio", name="Side by side").tap()
    canvas = "document.querySelector('.frame canvas')"
    assert phone.evaluate(f"{canvas}.height > {canvas}.width")


def test_a_stream_that_falls_silent_is_said_to_be(page: Page, camera: Any) -> None:
    camera.silent.set()
    page.wait_for_selector(".notice:has-text('No frames for')")
    assert page.locator(".badge").inner_text() == "no frames"
    page.wait_for_selector("#strip.stale")
    camera.silent.clear()
    page.wait_for_selector("#strip:not(.stale)")
    page.wait_for_selector(".notice", state="hidden")


def test_the_page_comes_back_when_the_node_restarts(page: Page, live: Any) -> None:
    live.stop()
    page.wait_for_selector(".notice:has-text('Connection lost')")
    seq = page.evaluate(SEQ)
    live.start()
    page.wait_for_function(f"{SEQ} !== {seq}")
    page.wait_for_selector(".notice", state="hidden")


def test_a_node_that_comes_back_with_another_token_asks_for_that(
    new_live: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    live = new_live(token="the first one")
    page = open_page(live.url)
    live.stop()
    live.start(token="the second one")
    page.get_by_label("Token").fill("the first one")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text() == "That is not its token."
    page.get_by_label("Token").fill("the second one")
    page.keyboard.press("Enter")
    page.wait_for_selector("canvas[data-seq]")
    page.context.close()
