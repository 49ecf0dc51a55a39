"""What Rerun's viewer gets, read back by Rerun's own reader from a file that is written for it."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rerun.chunk import RrdReader

from irvis.frame import FusedFrame, InfraredState, PairContract
from irvis.overlay import CLASSES
from irvis.settings import RerunSink
from pipeline.sinks.rerun import RerunStream

STATES = InfraredState.LIVE, InfraredState.LIVE, InfraredState.HELD
FRAMES = len(STATES)
EPOCH_NS = 1_700_000_000_000_000_000
STEP_NS = 40_000_000


@pytest.fixture(scope="module")
def rrd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rerun") / "a.rrd"
    stream = RerunStream(RerunSink(path=path))
    for seq, state in enumerate(STATES):
        contract = PairContract(2_000_000, 0, 0, state, "rig", "engine", dropped={"pair_superseded": 3})
        time_ns = EPOCH_NS + seq * STEP_NS
        grey, labels = np.full((24, 32), 40 * seq, np.uint8), np.full((24, 32), seq, np.uint8)
        picture = np.dstack([grey] * 3)
        times_ns = time_ns, time_ns, time_ns + 30_000_000
        stream.take(FusedFrame(picture, labels, *times_ns, seq, 1, contract, picture, grey))
    stream.close()
    return path


@pytest.fixture(scope="module")
def columns(rrd: Path) -> dict[str, list[Any]]:
    """What each component of each entity has, as `/entity component`, in order of time; Arrow's scalars."""
    columns: dict[str, list[Any]] = defaultdict(list)
    for chunk in RrdReader(rrd).stream():
        batch = chunk.to_record_batch()
        for name in batch.schema.names:
            columns[f"{chunk.entity_path} {name.partition(':')[2] or name}"] += batch.column(name)
    return columns


def image(column: list[Any], frame: int) -> np.ndarray:
    (coded,) = column[frame].as_py()
    decoded = cv2.imdecode(np.frombuffer(bytes(coded), np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None
    return decoded


@pytest.mark.parametrize("view", ["fused", "visible", "infrared"])
def test_each_frame_has_its_pictures_at_the_time_of_its_stamp(columns: dict[str, list[Any]], view: str) -> None:
    stamps = [time.value for time in columns[f"/{view} time"]]
    assert stamps == [EPOCH_NS + seq * STEP_NS for seq in range(FRAMES)]
    means = [float(image(columns[f"/{view} blob"], seq).mean()) for seq in range(FRAMES)]
    np.testing.assert_allclose(means, [0, 40, 80], atol=2)


def test_labels_are_exact_and_their_classes_are_named(columns: dict[str, list[Any]]) -> None:
    for seq, buffers in enumerate(columns["/fused/labels buffer"]):
        (labels,) = buffers.as_py()
        assert bytes(labels) == bytes([seq]) * 24 * 32
    (context,) = columns["/ context"][0].as_py()
    assert [entry["class_description"]["info"]["label"] for entry in context] == [name for name, _ in CLASSES]


@pytest.mark.parametrize(("number", "said"), [("skew_ms", 2.0), ("latency_ms", 30.0), ("dropped", 3.0)])
def test_health_is_there_for_every_frame(columns: dict[str, list[Any]], number: str, said: float) -> None:
    assert [each.as_py() for each in columns[f"/health/{number} scalars"]] == [[said]] * FRAMES


def test_the_cameras_state_is_told_when_it_changes(columns: dict[str, list[Any]]) -> None:
    texts, levels = columns["/health/cameras text"], columns["/health/cameras level"]
    assert [each.as_py() for each in texts] == [["infrared live"], ["infrared held"]]
    assert [each.as_py() for each in levels] == [["INFO"], ["WARN"]]


def test_the_viewer_is_told_how_to_lay_it_out(rrd: Path) -> None:
    (blueprint,) = RrdReader(rrd).blueprints()
    views = {chunk.entity_path for chunk in RrdReader(rrd).stream(store=blueprint)}
    assert sum(path.startswith("/view/") and path.count("/") == 2 for path in views) == 8
