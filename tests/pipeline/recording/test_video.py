"""H.264 in recordings: by topic, from any frame on, after a damaged chunk, and by the encoder that works here."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from mcap.reader import make_reader

from irvis.cli import main
from irvis.errors import ConfigError, RecordingError
from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract, Pixels
from irvis.settings import McapSink
from pipeline.recording.channels import COUNTS, FUSED, INFRARED, LABELS, VISIBLE
from pipeline.recording.reader import Recording, Stamped
from pipeline.recording.recorder import McapRecorder
from pipeline.recording.video import begins_video
from pipeline.storage.h264 import ENCODERS, TRIED_SIZE, find_encoder, problem_of

STEP_NS = 40_000_000
SIZE = 96, 64
FRAMES = 40
CLOSE = 12.0
"""Mean difference of a picture that came back, in grey levels."""


def picture(seq: int, size: tuple[int, int] = SIZE) -> Pixels:
    """A bright disc that moves to the right over a ramp."""
    ramp = np.tile(np.linspace(20, 120, size[0]).astype(np.uint8), (size[1], 1))
    colour = np.dstack([ramp, ramp[:, ::-1], ramp])
    return np.asarray(cv2.circle(colour, (4 + 2 * seq % size[0], size[1] // 2), 12, (200, 220, 250), -1), np.uint8)


def visible(seq: int, size: tuple[int, int] = SIZE) -> Frame:
    return Frame(Modality.VISIBLE, picture(seq, size), seq * STEP_NS, seq * STEP_NS, seq, 1)


def thermal(seq: int) -> Frame:
    grey = picture(seq)[..., 1]
    counts = grey.astype(np.uint16) * 256 + 7
    return Frame(Modality.INFRARED, grey, seq * STEP_NS, seq * STEP_NS, seq, 1, counts=counts)


def fused(seq: int) -> FusedFrame:
    contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "engine")
    labels = np.full(SIZE[::-1], seq % 9, np.uint8)
    return FusedFrame(picture(seq), labels, seq * STEP_NS, seq * STEP_NS, seq * STEP_NS, seq, 1, contract)


def settings(path: Path, **more: object) -> McapSink:
    return McapSink.model_validate(
        {"path": path, "reserve_bytes": 0, "payload": "h264", "encoder": "software", **more}
    )


def write(recorder: McapRecorder, frames: int = FRAMES, frames_per_chunk: int = 11) -> None:
    for seq in range(frames):
        for message in (visible(seq), thermal(seq), fused(seq)):
            recorder.add(message)
        if seq % frames_per_chunk == frames_per_chunk - 1 and recorder._file:
            recorder._file.flush()
    recorder.close()


@pytest.fixture
def path(tmp_path: Path, chunks_as_told: None) -> Path:
    """A recording whose chunks hold eleven frames of each topic, 0.44 s."""
    write(McapRecorder(settings(tmp_path / "a.mcap"), {}))
    return tmp_path / "a.mcap"


def images(path: Path, channel: str, from_ns: int | None = None) -> list[Stamped]:
    with Recording(path) as recording:
        return list(recording.images(channel, from_ns=from_ns))


def keyframes(path: Path, channel: str) -> list[int]:
    with path.open("rb") as file:
        messages = [message for _, _, message in make_reader(file).iter_messages([channel])]
    return [message.sequence for message in messages if begins_video(message.data)]


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


@pytest.mark.parametrize("channel", [VISIBLE, INFRARED, FUSED])
def test_pictures_come_back_as_they_were_but_for_the_coding(path: Path, channel: str) -> None:
    read = images(path, channel)
    assert [stamped.seq for stamped in read] == list(range(FRAMES))
    for stamped in read:
        original = picture(stamped.seq)
        assert difference(stamped.image, original if channel != INFRARED else original[..., 1]) < CLOSE


def test_labels_and_counts_stay_exact_beside_video(path: Path) -> None:
    assert all(np.array_equal(each.image, fused(each.seq).labels) for each in images(path, LABELS))
    assert all(np.array_equal(each.image, np.asarray(thermal(each.seq).counts)) for each in images(path, COUNTS))


def test_each_topic_is_kept_as_it_is_asked_for(tmp_path: Path) -> None:
    sink = settings(tmp_path / "a.mcap", payload={"visible": "jpeg", "fused": "h264"})
    write(McapRecorder(sink, {}), frames=3)
    with Recording(tmp_path / "a.mcap") as recording:
        kept = {name: recording.schemas[name].removeprefix("foxglove.") for name in (VISIBLE, INFRARED, FUSED)}
    assert kept == {VISIBLE: "CompressedImage", INFRARED: "RawImage", FUSED: "CompressedVideo"}


def test_a_chunk_begins_with_a_keyframe(path: Path) -> None:
    assert keyframes(path, VISIBLE) == keyframes(path, FUSED) == [0, 11, 22, 33]


@pytest.mark.parametrize("seq", [0, 5, 11, 30])
def test_reading_from_a_time_on_gives_the_same_pictures_as_reading_all(path: Path, seq: int) -> None:
    later = images(path, VISIBLE, from_ns=seq * STEP_NS)
    assert [stamped.seq for stamped in later] == list(range(seq, FRAMES))
    for one, other in zip(later, images(path, VISIBLE)[seq:], strict=True):
        assert np.array_equal(one.image, other.image)


@pytest.mark.usefixtures("chunks_as_told")
def test_a_damaged_chunk_costs_its_own_frames_and_no_picture_is_wrong(tmp_path: Path) -> None:
    whole, damaged = tmp_path / "whole.mcap", tmp_path / "damaged.mcap"
    write(McapRecorder(settings(whole, compression="none"), {}))
    data = bytearray(whole.read_bytes())
    data[data.index(np.asarray(thermal(15).counts).tobytes()) + 5] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(SystemExit) as stopped:
        main(["recover", str(damaged)])
    assert stopped.value.code == 0
    kept = images(tmp_path / "damaged-recovered.mcap", VISIBLE)
    assert [stamped.seq for stamped in kept] == [*range(11), *range(22, FRAMES)]
    expected = {stamped.seq: stamped.image for stamped in images(whole, VISIBLE)}
    assert all(np.array_equal(stamped.image, expected[stamped.seq]) for stamped in kept)


@pytest.mark.parametrize("size", [(97, 64), (96, 63), (33, 21)])
def test_odd_sizes_grow_by_one_line(tmp_path: Path, size: tuple[int, int]) -> None:
    recorder = McapRecorder(settings(tmp_path / "a.mcap"), {})
    recorder.add(visible(3, size))
    recorder.close()
    (read,) = images(tmp_path / "a.mcap", VISIBLE)
    assert read.image.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)
    assert difference(read.image[: size[1], : size[0]], picture(3, size)) < CLOSE


def test_video_goes_on_where_the_size_changes(tmp_path: Path) -> None:
    recorder = McapRecorder(settings(tmp_path / "a.mcap"), {})
    for seq in range(6):
        recorder.add(visible(seq, SIZE if seq < 3 else (64, 48)))
    recorder.close()
    assert [each.image.shape[:2] for each in images(tmp_path / "a.mcap", VISIBLE)] == [(64, 96)] * 3 + [
        (48, 64)
    ] * 3


def test_a_late_picture_is_left_out_and_spoils_no_other(tmp_path: Path) -> None:
    recorder = McapRecorder(settings(tmp_path / "a.mcap"), {})
    for seq in (0, 1, 2, 5, 3, 4, 6, 7):
        recorder.add(fused(seq))
    recorder.close()
    assert recorder.dropped == {"out_of_order": 2}
    read = images(tmp_path / "a.mcap", FUSED)
    assert [stamped.seq for stamped in read] == [0, 1, 2, 5, 6, 7]
    assert all(difference(stamped.image, picture(stamped.seq)) < CLOSE for stamped in read)
    assert len(images(tmp_path / "a.mcap", LABELS)) == 8


def test_a_clock_that_is_set_back_begins_another_part(tmp_path: Path) -> None:
    recorder = McapRecorder(settings(tmp_path / "a.mcap"), {})
    for seq in (150, 151, 152, 20, 21):
        recorder.add(visible(seq))
    recorder.close()
    assert not recorder.dropped
    assert [[each.seq for each in images(path, VISIBLE)] for path in recorder.paths] == [[150, 151, 152], [20, 21]]


def test_each_part_can_be_decoded_alone(tmp_path: Path) -> None:
    recorder = McapRecorder(settings(tmp_path / "a.mcap", part_bytes=60_000, compression="none"), {})
    write(recorder)
    assert len(recorder.paths) > 1
    seqs = [stamped.seq for path in recorder.paths for stamped in images(path, FUSED)]
    assert seqs == list(range(FRAMES))


def test_video_is_exported_as_frames(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["export-frames", str(path), "--topic", "infrared", "--out", str(tmp_path / "png")])
    assert stopped.value.code == 0
    assert f"{FRAMES} frames of infrared" in " ".join(capsys.readouterr().out.split())
    exported = cv2.imread(str(tmp_path / "png" / "000039.png"), cv2.IMREAD_UNCHANGED)
    assert exported is not None
    assert difference(exported, thermal(39).pixels) < CLOSE


def test_video_without_its_keyframe_gives_no_picture(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Recording(path) as recording:
        part = recording._parts[0]
        monkeypatch.setattr(part, "entry_point_ns", lambda _channel, from_ns: from_ns)
        read = list(recording.images(VISIBLE, from_ns=5 * STEP_NS))
    assert read[0].seq == 11


def test_the_software_encoder_does_what_is_asked_of_an_encoder() -> None:
    for in_band in (True, False):
        assert problem_of(ENCODERS["software"], in_band, TRIED_SIZE) == ""


def test_the_automatic_choice_is_the_first_that_works_hardware_before_software() -> None:
    working = [name for name, encoder in ENCODERS.items() if not problem_of(encoder, True, TRIED_SIZE)]
    assert find_encoder("auto", in_band=True) == ENCODERS[working[0]]


def test_an_encoder_that_does_not_work_here_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    hardware = [name for name in ENCODERS if name != "software"]
    missing = [name for name in hardware if problem_of(ENCODERS[name], True, TRIED_SIZE)]
    if not missing:
        pytest.skip("every kind of encoder is here")
    with pytest.raises(
        ConfigError, match=f"encoder {missing[0]} does not work here .*expected `auto` or `software`"
    ):
        McapRecorder(settings(tmp_path / "a.mcap", encoder=missing[0]), {})


def test_a_payload_that_there_is_not_is_refused_by_its_key() -> None:
    with pytest.raises(ValueError, match=r"payload\.visible"):
        McapSink.model_validate({"path": "a.mcap", "payload": {"visible": "h265"}})


def test_what_is_no_video_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="can't be read"):
        begins_video(b"\xff\xff")
