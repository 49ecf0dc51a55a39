"""Several systems on one page, as `irvis view` shows them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page


@pytest.fixture
def configs(tmp_path: Path) -> list[Path]:
    source = {"kind": "file", "path": "none.mp4"}
    paths = []
    for name in ("north", "south"):
        tree = {"visible": source, "infrared": source, "endpoints": {"fused": f"ipc://{tmp_path / name}"}}
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_text(yaml.safe_dump(tree))
    return paths


@contextmanager
def viewing(*arguments: object, **environment: str) -> Iterator[str]:
    """`irvis view` in a process of its own; gives the page's address."""
    command = [sys.executable, "-m", "irvis.cli", "view", "--port", "0", *map(str, arguments)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        assert process.stderr
        try:
            said = next((line for line in process.stderr if "live at" in line), None)
            assert said is not None
            yield said.rpartition(" ")[2].strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
    assert process.returncode == 0


def test_two_rigs_are_live_on_one_page(
    configs: list[Path], new_camera: Callable[[str], Any], open_page: Callable[..., Page]
) -> None:
    for path in configs:
        new_camera(f"ipc://{path.with_suffix('')}")
    with viewing(*configs) as url:
        page = open_page(url)
        page.wait_for_function("document.querySelectorAll('canvas[data-seq]').length === 2")
        assert page.locator(".title").all_inner_texts() == ["north", "south"]
        page.get_by_label("south", exact=True).click()
        page.wait_for_function("document.querySelector('#summary').innerText === 'south · known'")
        page.keyboard.press("Shift+Tab")
        page.wait_for_function("document.querySelector('#summary').innerText === 'north · known'")


def test_what_irvis_run_runs_here_is_found_and_called_as_its_configuration(
    tmp_path: Path, configs: list[Path], new_camera: Callable[[str], Any], open_page: Callable[..., Page]
) -> None:
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with ExitStack() as stack:
        for path, given in zip(configs, ("rigs/north.yaml", "recording.mcap"), strict=True):
            runs = stack.enter_context(subprocess.Popen([*command, given], stdin=subprocess.PIPE))
            folder = tmp_path / f"irvis-run-{runs.pid}-x"
            folder.mkdir()
            (folder / "system.yaml").write_text(path.read_text())
            new_camera(f"ipc://{path.with_suffix('')}")
        page = open_page(stack.enter_context(viewing(TMPDIR=str(tmp_path))))
        assert sorted(page.locator(".title").all_inner_texts()) == ["north", f"run-{runs.pid}"]
