"""The native window, on a screen that nobody sees: a real X server, real keys, `irvis run` as a user runs it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest
import yaml

from irvis.frame import Pixels

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Debian's xvfb and xdotool"
)

DEADLINE_S = 120.0
LOOK_S = 0.05
WIDTH, HEIGHT = 128, 96
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None]) -> Found:
    deadline_s = time.monotonic() + DEADLINE_S
    while (found := look()) is None:
        assert time.monotonic() < deadline_s
        time.sleep(LOOK_S)
    return found


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """The environment of a process that is to draw there."""
    reading, writing = os.pipe()
    # Else it begins anew whenever its last client goes, and turns away or drops whoever comes meanwhile.
    command = ["Xvfb", "-noreset", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as said:
            display = f":{said.readline().strip()}"
        yield {**os.environ, "DISPLAY": display}
        server.terminate()


class Shown:
    """`irvis run` with a window, and a user before it.

    Args:
        folder: For the configuration and the snapshots.
        screen: Where.
    """

    def __init__(self, folder: Path, screen: dict[str, str]) -> None:
        self._folder, self._screen = folder, screen
        scene = {"width": WIDTH, "height": HEIGHT, "ir_width": WIDTH, "ir_height": HEIGHT}
        source = {"kind": "synthetic", "scene": scene, "fps": 20}
        system = {
            "visible": source,
            "infrared": source,
            "engine": {"kind": "average"},
            "sinks": [{"kind": "window"}],
        }
        (folder / "system.yaml").write_text(yaml.safe_dump(system))
        command = [sys.executable, "-m", "irvis.cli", "run", "system.yaml"]
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=screen, stdout=log, stderr=log)

    def focus(self) -> None:
        window = wait_for(lambda: self._do("search", "--onlyvisible", "--name", "^irvis: "))
        wait_for(lambda: self._do("windowfocus", window) is not None or None)

    def press(self, key: str) -> None:
        assert self._do("key", key) is not None

    def snapshot(self) -> Pixels:
        """What is shown now, as the key for it saves it; nothing is saved before the first frame."""
        before = set(self._folder.glob("*.png"))

        def look() -> Pixels | None:
            self.press("s")
            new = sorted(set(self._folder.glob("*.png")) - before)
            picture = cv2.imread(str(new[0])) if new else None
            return None if picture is None else np.asarray(picture, np.uint8)

        return wait_for(look)

    def shows(self, is_right: Callable[[Pixels], bool], pressing: str | None = None) -> bool:
        """Waits until a snapshot is right; before each a key is pressed, if one is given.

        Again and again, as of two keys that come between two looks at the keyboard Qt tells OpenCV the last one.
        """

        def look() -> bool | None:
            if pressing:
                self.press(pressing)
            return is_right(self.snapshot()) or None

        return wait_for(look)

    def quits(self) -> int:
        """Its exit status, once the key for that has ended it."""

        def look() -> int | None:
            if (status := self.process.poll()) is None:
                self._do("key", "q")  # fails when the window has just gone
            return status

        return wait_for(look)

    def _do(self, *words: str) -> str | None:
        done = subprocess.run(["xdotool", *words], env=self._screen, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None


@pytest.fixture
def shown(tmp_path: Path, screen: dict[str, str]) -> Iterator[Shown]:
    user = Shown(tmp_path, screen)
    yield user
    user.process.terminate()
    user.process.wait(DEADLINE_S)


def is_gray(picture: Pixels) -> bool:
    return bool((picture == picture[..., :1]).all())


def test_keys_choose_what_is_shown_and_q_ends_the_system(shown: Shown) -> None:
    shown.focus()
    first = shown.snapshot()
    assert shown.shows(lambda picture: not np.array_equal(picture, first))
    assert shown.shows(is_gray, pressing="2")
    assert shown.shows(lambda picture: not is_gray(picture), pressing="p")
    assert shown.shows(
        lambda picture: picture.shape[0] >= 2 * HEIGHT and picture.shape[1] >= 2 * WIDTH, pressing="a"
    )
    assert shown.quits() == 0
