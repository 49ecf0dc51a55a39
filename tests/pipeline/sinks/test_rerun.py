"""What Rerun's viewer gets, read back from a file that is written for it."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from irvis.frame import FusedFrame, InfraredState, PairContract
from irvis.settings import RerunSink
from pipeline.sinks.rerun import RerunStream


def test_pictures_labels_and_health_are_there_for_every_frame(tmp_path: Path) -> None:
    stream = RerunStream(RerunSink(path=tmp_path / "a.rrd"))
    contract = PairContract(2_000_000, 0, 0, InfraredState.LIVE, "rig", "engine", dropped={"pair_superseded": 3})
    picture, labels = np.zeros((24, 32, 3), np.uint8), np.ones((24, 32), np.uint8)
    for seq in range(3):
        time_ns = 1_700_000_000_000_000_000 + seq * 40_000_000
        stream.take(FusedFrame(picture, labels, time_ns, time_ns, time_ns, seq, 1, contract, picture, labels))
    stream.close()
    printed = subprocess.run(
        [sys.executable, "-m", "rerun", "rrd", "print", str(tmp_path / "a.rrd")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in ("/fused", "/fused/labels", "/visible", "/infrared", "/health/skew_ms", "/health/infrared"):
        assert name in printed
