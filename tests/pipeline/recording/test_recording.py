"""Recordings are whole: what is written is read again, in parts, at a full disk, and after a SIGKILL."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from mcap.reader import make_reader

from irvis.cli import main
from irvis.errors import RecordingError
from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract
from irvis.settings import McapSink
from pipeline.recording.channels import CONTRACT, FUSED, LABELS, VISIBLE
from pipeline.recording.images import Image, ImageDecoder, encode_raw
from pipeline.recording.reader import Recording
from pipeline.recording.recorder import McapRecorder

STEP_NS = 40_000_000
SHAPE = 24, 32


def visible(seq: int) -> Frame:
    pixels = np.random.default_rng(seq).integers(0, 256, (*SHAPE, 3), np.uint8)
    return Frame(Modality.VISIBLE, pixels, seq * STEP_NS, seq * STEP_NS + 5, seq, 1)


def thermal(seq: int) -> Frame:
    counts = np.random.default_rng(seq).integers(0, 65536, SHAPE, np.uint16)
    pixels = (counts >> 8).astype(np.uint8)
    return Frame(Modality.INFRARED, pixels, seq * STEP_NS + 3, seq * STEP_NS + 9, seq, 1, counts=counts)


def fused(seq: int) -> FusedFrame:
    contract = PairContract(
        2_000_000, 5, 6, InfraredState.LIVE, "rig", "engine", {"infer": 3.5}, {"pair_superseded": seq // 10}
    )
    picture, labels = visible(seq).pixels, np.full(SHAPE, seq % 9, np.uint8)
    return FusedFrame(picture, labels, seq * STEP_NS, seq * STEP_NS, seq * STEP_NS + 7, seq, 1, contract)


def record(path: Path, frames: Iterable[Frame | FusedFrame], **settings: object) -> McapRecorder:
    recorder = McapRecorder(McapSink(path=path, reserve_bytes=0, **settings), {"config": "{}"})
    for frame in frames:
        recorder.add(frame)
    recorder.close()
    return recorder


@given(
    st.one_of(
        arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=20)),
        arrays(np.uint16, array_shapes(min_dims=2, max_dims=2, max_side=20)),
        arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))),
    )
)
def test_every_bit_of_a_lossless_image_comes_back(pixels: Image) -> None:
    again = ImageDecoder().decode("/x", "foxglove.RawImage", encode_raw(pixels, "x", 12))
    assert again is not None
    assert again.dtype == pixels.dtype
    assert np.array_equal(again, pixels)


def test_a_recording_holds_what_the_cameras_gave_and_what_was_made_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    record(path, [message for seq in range(4) for message in (visible(seq), thermal(seq), fused(seq))])
    with Recording(path) as recording:
        assert recording.counts == dict.fromkeys(
            [
                *("/visible", "/visible/meta", "/infrared", "/infrared/counts", "/infrared/meta"),
                *("/fused", "/labels", "/contract"),
            ],
            4,
        )
        for seq, stamped in enumerate(recording.images(VISIBLE)):
            assert np.array_equal(stamped.image, visible(seq).pixels)
            assert (stamped.stamp_ns, stamped.published_ns) == (seq * STEP_NS, seq * STEP_NS + 5)
        for seq, stamped in enumerate(recording.images("/infrared/counts")):
            assert np.array_equal(stamped.image, np.asarray(thermal(seq).counts))
        assert [said.contract for said in recording.contracts()] == [fused(seq).contract for seq in range(4)]


def test_only_the_topics_that_are_asked_for_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    record(path, [fused(0)], topics=["labels"])
    with Recording(path) as recording:
        assert set(recording.counts) == {LABELS, "/contract"}


def test_jpeg_pictures_are_smaller_and_labels_stay_exact(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    record(path, [fused(5)], payload="jpeg")
    with Recording(path) as recording:
        assert recording.schemas[FUSED] == "foxglove.CompressedImage"
        (labels,) = recording.images(LABELS)
        assert np.array_equal(labels.image, fused(5).labels)


def test_the_file_itself_says_how_its_messages_are_read(tmp_path: Path) -> None:
    """As Foxglove does: from the schema in the file, without any class of ours."""
    path = tmp_path / "a.mcap"
    record(path, [visible(1)])
    with path.open("rb") as file:
        schema, _, message = next(make_reader(file, validate_crcs=True).iter_messages([VISIBLE]))
    assert schema is not None
    pool = DescriptorPool()
    for described in FileDescriptorSet.FromString(schema.data).file:
        pool.Add(described)
    image = GetMessageClass(pool.FindMessageTypeByName(schema.name)).FromString(message.data)
    assert (image.width, image.height, image.encoding) == (32, 24, "bgr8")  # type: ignore[attr-defined]
    assert image.timestamp.nanos == STEP_NS  # type: ignore[attr-defined]


def test_parts_are_no_larger_than_asked_and_together_hold_all(tmp_path: Path) -> None:
    frames = [visible(seq) for seq in range(60)]
    recorder = McapRecorder(McapSink(path=tmp_path / "a.mcap", part_bytes=30_000, reserve_bytes=0), {})
    for frame in frames:
        recorder.add(frame)
        if recorder._file:
            recorder._file.flush()
    recorder.close()
    assert [path.name for path in recorder.paths[:3]] == ["a.mcap", "a-2.mcap", "a-3.mcap"]
    seqs = []
    for path in recorder.paths:
        with Recording(path) as recording:
            seqs += [stamped.seq for stamped in recording.images(VISIBLE)]
    assert seqs == list(range(60))


def test_a_disk_that_fills_up_leaves_a_whole_file_and_counts_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.storage.disk.LOOK_S", 0.0)
    free = [100, 100, 100, 9, 9, 12, 100, 100]
    settings = McapSink(path=tmp_path / "a.mcap", reserve_bytes=10)
    recorder = McapRecorder(settings, {}, free=lambda _folder: free.pop(0))
    taken = []
    for seq in range(8):
        taken.append(recorder.add(visible(seq)))
        assert bool(recorder.note) is not taken[-1]
    recorder.close()
    assert taken == [True, True, True, False, False, False, True, True]
    assert recorder.dropped == {"disk_full": 3}
    held = []
    for path in recorder.paths:
        with Recording(path) as recording:
            held.append([stamped.seq for stamped in recording.images(VISIBLE)])
    assert held == [[0, 1, 2], [6, 7]]


@pytest.mark.parametrize(("payload", "seqs"), [("lossless", [0, 1, 2, 3, 200]), ("h264", [0, 1, 2, 3])])
def test_late_frames_after_a_stub_stay_in_the_file(tmp_path: Path, payload: str, seqs: list[int]) -> None:
    stub = PairContract(None, None, None, InfraredState.LOST, "rig", "engine", visible_lost=True)
    frames = [fused(0), fused(1), replace(fused(200), contract=stub), fused(2), fused(3)]
    recorder = record(tmp_path / "a.mcap", frames, payload=payload)
    assert sum(recorder.dropped.values()) == len(frames) - len(seqs)
    (path,) = recorder.paths
    with Recording(path) as recording:
        assert [stamped.seq for stamped in recording.images(FUSED)] == seqs
        assert len(recording.stamps(CONTRACT)) == len(frames)


def test_a_recording_that_was_cut_off_is_named_with_the_way_out_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    record(path, map(visible, range(9)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    with pytest.raises(RecordingError, match=r"cut off; first `irvis recover"):
        Recording(path)
    assert record(path, [visible(0)]).paths == [tmp_path / "a-2.mcap"]
    assert path.read_bytes() == whole[:-40]


@pytest.mark.usefixtures("chunks_as_told")
def test_a_damaged_chunk_costs_its_own_frames_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.mcap"
    recorder = McapRecorder(McapSink(path=path, reserve_bytes=0, compression="none"), {})
    for seq in range(9):
        recorder.add(visible(seq))
        if seq % 3 == 2:
            recorder._file.flush()  # type: ignore[union-attr]
    recorder.close()
    data = bytearray(path.read_bytes())
    data[data.index(visible(4).pixels.tobytes()) + 7] ^= 1
    path.write_bytes(data)
    with Recording(path) as recording, pytest.raises(RecordingError, match="damaged"):
        list(recording.images(VISIBLE))
    with pytest.raises(SystemExit) as stopped:
        main(["recover", str(path)])
    assert stopped.value.code == 0
    assert "12 messages, 1 damaged chunks left out" in capsys.readouterr().out.replace("\n", " ")
    with Recording(tmp_path / "a-recovered.mcap") as recording:
        assert [stamped.seq for stamped in recording.images(VISIBLE)] == [0, 1, 2, 6, 7, 8]


def test_a_closed_recording_has_nothing_unsaved(tmp_path: Path) -> None:
    assert record(tmp_path / "a.mcap", map(fused, range(3))).unsaved == 0


def test_info_tells_rates_gaps_and_skews(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.mcap"
    record(path, [message(seq) for seq in (0, 1, 2, 5, 6) for message in (visible, fused)])
    with pytest.raises(SystemExit) as stopped:
        main(["info", str(path)])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert "25.00 Hz" in said
    assert "120 ms" in said  # the gap
    assert "infrared: live 5" in said


@pytest.mark.parametrize(("topic", "like"), [("fused", fused(3).fused), ("infrared/counts", thermal(3).counts)])
def test_frames_are_exported_bit_for_bit(tmp_path: Path, topic: str, like: Image) -> None:
    path = tmp_path / "a.mcap"
    record(path, [message(seq) for seq in range(5) for message in (thermal, fused)])
    with pytest.raises(SystemExit) as stopped:
        main(["export-frames", str(path), "--topic", topic, "--out", str(tmp_path / "png")])
    assert stopped.value.code == 0
    assert len(list((tmp_path / "png").glob("*.png"))) == 5
    exported = cv2.imread(str(tmp_path / "png" / "000003.png"), cv2.IMREAD_UNCHANGED)
    assert exported is not None
    assert np.array_equal(exported, like)
