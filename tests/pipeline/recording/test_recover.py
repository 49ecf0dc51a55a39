"""What a crash leaves of a recording is all but the last second; what can't be recovered leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from irvis.cli import main
from pipeline.recording.channels import CONTRACT, FUSED, INFRARED, LABELS
from pipeline.recording.reader import Recording
from pipeline.recording.recover import recover

SAVED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from irvis.frame import FusedFrame, InfraredState, PairContract
from irvis.settings import McapSink
from pipeline.recording.recorder import McapRecorder
payload = {"fused": "h264"}
contract = PairContract(0, 5, 6, InfraredState.LIVE, "rig", "engine", {}, {})

def record(frames):
    path = Path(sys.argv[1]) / f"{frames}.mcap"
    recorder = McapRecorder(McapSink(path=path, reserve_bytes=0, payload=payload), {})
    for seq in range(frames):
        pixels = np.random.default_rng(seq).integers(0, 256, (240, 320, 3), np.uint8)
        stamp_ns = seq * 40_000_000
        recorder.add(FusedFrame(pixels, pixels[..., 0].copy(), stamp_ns, stamp_ns, stamp_ns, seq, 1, contract))
    print(recorder.unsaved, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

for frames in map(int, sys.argv[2:]):
    pid = os.fork()
    if not pid:
        record(frames)
    os.waitpid(pid, 0)
"""


def test_what_a_killed_recorder_says_is_saved_is_in_its_file(tmp_path: Path) -> None:
    lengths = 1, 100
    command = [sys.executable, "-c", SAVED, str(tmp_path), *map(str, lengths)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    for frames, unsaved in zip(lengths, map(int, ended.stdout.split()), strict=True):
        saved = frames - unsaved
        assert saved > frames / 2 or frames == 1
        recover(tmp_path / f"{frames}.mcap", tmp_path / f"{frames}-whole.mcap")
        with Recording(tmp_path / f"{frames}-whole.mcap") as recording:
            # A frame whose picture is in the file and whose contract is not is none.
            whole = [recording.counts.get(channel, 0) for channel in (FUSED, LABELS, CONTRACT)]
        assert min(whole) == saved


KILLED = 50
KILL = """
import collections, mmap, os, random, signal, struct, sys, time
from pathlib import Path
import numpy as np
from irvis.frame import Frame, Modality
from irvis.settings import McapSink
from pipeline.recording.recorder import McapRecorder
folder, killed = Path(sys.argv[1]), int(sys.argv[2])
shared = mmap.mmap(-1, 8 * killed)
pixels = np.random.default_rng(0).integers(0, 256, (24, 32), np.uint8)

def record(number):
    recorder = McapRecorder(McapSink(path=folder / f"{number}.mcap", reserve_bytes=0), {})
    added, old = collections.deque(), 0
    for seq in range(10**9):
        begun_s = time.monotonic()
        recorder.add(Frame(Modality.INFRARED, pixels, seq, seq, seq, 1))
        added.append(time.monotonic())
        while begun_s - added[0] > 1.0:
            added.popleft()
            old += 1
        shared[8 * number:8 * number + 8] = struct.pack("q", old)
        time.sleep(0.05)

pids = []
for number in range(killed):
    pids.append(os.fork())
    if not pids[-1]:
        record(number)
for pid in random.sample(pids, len(pids)):
    time.sleep(random.uniform(0.01, 0.06))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
for number in range(killed):
    print(number, *struct.unpack_from("q", shared, 8 * number))
"""


def test_fifty_recordings_killed_at_random_lose_their_last_second_at_most(tmp_path: Path) -> None:
    """What must be kept was there a second before the last frame came, by the recorder's own clock."""
    command = [sys.executable, "-c", KILL, str(tmp_path), str(KILLED)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    musts = []
    for number, must in (map(int, line.split()) for line in said.splitlines()):
        if not (tmp_path / f"{number}.mcap").exists():
            continue  # killed before its first frame
        musts.append(must)
        recover(tmp_path / f"{number}.mcap", tmp_path / f"{number}-whole.mcap")
        with Recording(tmp_path / f"{number}-whole.mcap") as recording:
            kept = [stamped.seq for stamped in recording.images(INFRARED)] if recording.counts else []
        assert kept == list(range(len(kept)))
        assert len(kept) >= must
    assert max(musts) > 0


@pytest.mark.parametrize("name", ["a.mcap", "a.mp4"])
@pytest.mark.parametrize(("held", "said"), [(b"no recording at all", "a.m"), (None, "No such file")])
def test_what_is_no_recording_leaves_no_file_behind(
    tmp_path: Path, name: str, held: bytes | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / name
    if held is not None:
        recording.write_bytes(held)
    before = set(tmp_path.iterdir())
    with pytest.raises(SystemExit) as stopped:
        main(["recover", str(recording)])
    assert stopped.value.code == 3
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert set(tmp_path.iterdir()) == before


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a-recovered.mcap").write_bytes(b"mine")
    with pytest.raises(SystemExit) as stopped:
        main(["recover", str(tmp_path / "a.mcap")])
    assert stopped.value.code == 3
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "a-recovered.mcap").read_bytes() == b"mine"
