"""Nodes die, sinks stop, cameras and clocks fail, strangers talk: the system comes back, and accounts for all."""

import tempfile
from pathlib import Path

import pytest

from pipeline.chaos import ACTIONS, attack, complaints


@pytest.mark.slow
def test_a_system_under_attack_comes_back_accounts_for_every_frame_and_leaves_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="irvis-c-") as folder:  # a short path, for its sockets' names
        account = attack(Path(folder), seconds=0, seed=5, pause_s=0)
        recordings = list(Path(folder).glob("out*.mp4"))
        log = Path(folder, "log").read_text(encoding="utf-8")
    assert complaints(account) == []
    assert account.recovery_s.keys() == ACTIONS.keys()
    assert account.report["restarted"].keys() == {"capture", "fuse", "record"}
    assert account.report["recorded"] > 0
    assert "its host's clock, or this one's, was set" in log
    assert len(recordings) >= 2, "a killed recorder's file stays, and its successor begins another"
