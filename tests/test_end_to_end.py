"""The nodes one by one over tcp, as on several hosts; and the real videos, where they are."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEADLINE_S = 60.0
FRAMES = 40
DATA = Path(os.environ.get("IRVIS_DATA", ROOT.parent / "shared" / "data"))


def free_port() -> int:
    """A tcp port that is free, and so is the one a hundred above it, where its lossless link goes."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            if port + 100 < 65536 and other.connect_ex(("127.0.0.1", port + 100)):
                return port


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A system over tcp whose sources are folders of images."""
    for number in range(FRAMES):
        cv2.imwrite(str(tmp_path / f"{number:02d}.png"), np.full((48, 64, 3), 5 * number, np.uint8))
    source = {"kind": "folder", "path": str(tmp_path), "fps": 100}
    tree = {
        "visible": source,
        "infrared": source,
        "sync": {"link": "lossless"},
        "engine": {"kind": "average"},
        "sinks": [{"kind": "video", "path": str(tmp_path / "out.mp4"), "layout": "fused"}],
        "endpoints": {
            name: f"tcp://127.0.0.1:{free_port()}" for name in ("visible", "infrared", "fused", "health")
        },
    }
    path = tmp_path / "system.yaml"
    path.write_text(yaml.safe_dump(tree))
    return path


def irvis(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "irvis.cli", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def frames_of(path: Path) -> list[float]:
    """When each frame of a video is shown [s]."""
    with av.open(path) as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]


def test_nodes_started_one_by_one_over_tcp_lose_nothing(config: Path) -> None:
    nodes = [irvis("node", name, config) for name in ("record", "capture", "fuse")]
    for node in nodes:
        _, errors = node.communicate(timeout=DEADLINE_S)
        assert node.returncode == 0, errors
    assert len(frames_of(config.with_name("out.mp4"))) == FRAMES


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "vtuav_bus").is_dir(), reason="the real videos are not here; set IRVIS_DATA")
def test_real_videos_are_recorded_whole_with_their_times(tmp_path: Path) -> None:
    """Small, and with the averaging engine: what is proved is that no frame is lost, doubled or moved in time."""
    out = tmp_path / "out.mp4"
    changes = {
        "visible.path": DATA / "vtuav_bus" / "visible.mp4",
        "infrared.path": DATA / "vtuav_bus" / "infrared.mp4",
        "capture.size": [320, 180],
        "capture.pace": 0,
        "engine.kind": "average",
        "sinks": [{"kind": "video", "path": str(out), "layout": "fused"}],
    }
    overrides = [f"--set={key}={value}" for key, value in changes.items()]
    run = irvis("run", ROOT / "configs" / "pipeline" / "traffic.yaml", "--report", tmp_path / "r.json", *overrides)
    _, errors = run.communicate(timeout=DEADLINE_S)
    assert run.returncode == 0, errors
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["frames_in"]["visible"] == report["fused"] == report["recorded"] == 101
    assert not {reason for reason in report["dropped"] if not reason.startswith("infrared_")}
    assert frames_of(out) == pytest.approx([number / 25 for number in range(101)], abs=1e-3)
