"""What Rerun's viewer gets, read back by Rerun's own reader from a file that is written for it."""

from collections import defaultdict
from typing import Any

import cv2
import numpy as np
import pytest
from rerun.chunk import RrdReader

from irvis.frame import FusedFrame, InfraredState, PairContract
from irvis.overlay import CLASSES
from irvis.settings import RerunSink
from pipeline.sinks.rerun import RerunStream

FRAMES = 3
EPOCH_NS = 1_700_000_000_000_000_000
STEP_NS = 40_000_000


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each component of each entity has, as `/entity component`, in order of time; Arrow's scalars."""
    path = tmp_path_factory.mktemp("rerun") / "a.rrd"
    stream = RerunStream(RerunSink(path=path))
    contract = PairContract(2_000_000, 0, 0, InfraredState.LIVE, "rig", "engine", dropped={"pair_superseded": 3})
    for seq in range(FRAMES):
        time_ns = EPOCH_NS + seq * STEP_NS
        grey, labels = np.full((24, 32), 40 * seq, np.uint8), np.full((24, 32), seq, np.uint8)
        picture = np.dstack([grey] * 3)
        times_ns = time_ns, time_ns, time_ns + 30_000_000
        stream.take(FusedFrame(picture, labels, *times_ns, seq, 1, contract, picture, grey))
    stream.close()
    columns: dict[str, list[Any]] = defaultdict(list)
    for chunk in RrdReader(path).stream():
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


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        ("skew_ms scalars", 2.0),
        ("latency_ms scalars", 30.0),
        ("dropped scalars", 3.0),
        ("infrared text", "live"),
    ],
)
def test_health_is_there_for_every_frame(columns: dict[str, list[Any]], entity: str, said: object) -> None:
    assert [each.as_py() for each in columns[f"/health/{entity}"]] == [[said]] * FRAMES
