"""A live web node, fed over a real socket with frames whose content is known, and a real browser."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from irvis.frame import FusedFrame, InfraredState, PairContract
from irvis.settings import PipelineConfig, WebSink
from irvis.topics import Topic
from pipeline.accounting.health import HealthReporter
from pipeline.sinks.web.node import BrowserPage, WebNode
from pipeline.transport import Publisher

DEADLINE_MS = 90_000
HEIGHT, WIDTH = 96, 128
PERSON, CAR = 2, 1
STEP_S = 0.04


def known_frame(seq: int) -> FusedFrame:
    """Visible green, infrared a ramp, fused as grey as its number; a person left of a car in the lower half."""
    visible = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    visible[..., 1] = 200
    infrared = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[60:90, 10:50], labels[60:90, 70:120] = PERSON, CAR
    contract = PairContract(
        skew_ns=3_000_000,
        visible_age_ns=20_000_000,
        infrared_age_ns=20_000_000,
        infrared_state=InfraredState.LIVE,
        rig_id="none",
        engine="known",
        dropped={"pair_superseded": 4},
    )
    fused = np.full((HEIGHT, WIDTH, 3), 40 + 10 * (seq % 16), np.uint8)
    time_ns = 1_700_000_000_000_000_000 + seq * 40_000_000
    return FusedFrame(fused, labels, time_ns, time_ns, time_ns + 30_000_000, seq, 5, contract, visible, infrared)


class Camera(threading.Thread):
    """Publishes known frames until it is closed; `silent` makes it pause."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(name="camera")
        self.silent = threading.Event()
        self._publisher = Publisher(endpoint, Topic.FUSED)
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        seq = 0
        while not self._over.wait(STEP_S):
            if not self.silent.is_set():
                self._publisher.publish(known_frame(seq))
                seq += 1
        self._publisher.close(0.0)

    def close(self) -> None:
        self._over.set()
        self.join()


class LivePage:
    """The web node in a thread; can be stopped and started again at its port."""

    def __init__(self, endpoint: str, folder: Path, **sink: object) -> None:
        self._endpoint = endpoint
        self.folder = folder
        self._sink = {"kind": "web", "port": 0, "recordings": str(folder), **sink}
        self.url = ""
        self.start()

    def start(self, **sink: object) -> None:
        self._sink |= sink
        self._stop = threading.Event()
        opened = threading.Event()
        source = {"kind": "file", "path": "none.mp4"}
        config = PipelineConfig.model_validate(
            {
                "visible": source,
                "infrared": source,
                "sinks": [self._sink],
                "endpoints": {"fused": self._endpoint},
            }
        )

        class Node(WebNode):
            def open(inner, section: WebSink, config: PipelineConfig) -> BrowserPage:
                page = super().open(section, config)
                self.url = page.url
                opened.set()
                return page

        run = threading.Thread(target=Node().run, args=(config, self._stop, HealthReporter("web")))
        run.start()
        assert opened.wait(DEADLINE_MS / 1000)
        self._sink["port"] = int(self.url.partition("//")[2].partition("/")[0].rpartition(":")[2])
        self._thread = run

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"ipc://{tmp_path_factory.mktemp('s') / 'fused'}"


@pytest.fixture(scope="module")
def new_camera() -> Iterator[Callable[[str], Camera]]:
    with ExitStack() as stack:

        def new_camera(endpoint: str) -> Camera:
            camera = Camera(endpoint)
            stack.callback(camera.close)
            return camera

        yield new_camera


@pytest.fixture(scope="module")
def camera(new_camera: Callable[[str], Camera], endpoint: str) -> Camera:
    return new_camera(endpoint)


@pytest.fixture(scope="module")
def new_live(
    endpoint: str, camera: Camera, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., LivePage]]:
    with ExitStack() as stack:

        def new_live(**sink: object) -> LivePage:
            live = LivePage(endpoint, tmp_path_factory.mktemp("recordings"), **sink)
            stack.callback(live.stop)
            return live

        yield new_live


@pytest.fixture(scope="module")
def live(new_live: Callable[..., LivePage]) -> LivePage:
    return new_live()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed before other modules run: while it is open, this thread has a running event loop."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("the page is tested in Chromium, which is not here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"], timeout=DEADLINE_MS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a context of its own; any error of a page's script fails the module."""
    errors: list[str] = []
    with ExitStack() as stack:

        def open_page(url: str, **context: Any) -> Page:
            # Waiting for an expression is done by eval in the page, which its content policy forbids.
            opened = browser.new_context(**{"bypass_csp": True, **context})
            stack.callback(opened.close)
            opened.set_default_timeout(DEADLINE_MS)
            page = opened.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(url)
            page.wait_for_selector("canvas[data-seq]")
            return page

        yield open_page
    assert errors == []


@pytest.fixture(scope="module")
def desktop(live: LivePage, open_page: Callable[..., Page]) -> Page:
    return open_page(live.url, viewport={"width": 1100, "height": 760})


@pytest.fixture
def page(desktop: Page) -> Page:
    """The page as it is when it is opened for the first time; what is pressed there reaches the node."""
    desktop.wait_for_function("irvis.stage.isOpen")
    desktop.evaluate(
        "irvis.set({layout: 'one', a: 'fused', b: 'visible', palette: 'inferno', opacity: 0.4, wipe: 0.5})"
    )
    desktop.evaluate("document.activeElement.blur()")
    desktop.mouse.move(0, 0)
    return desktop
