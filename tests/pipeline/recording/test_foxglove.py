"""Every message of a recording keeps to the schemas that Foxglove publishes, and is read by the file's own."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from mcap.reader import make_reader
from rerun.chunk import McapReader

from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract, RegistrationState
from irvis.rig import CameraModel, Rig, save_rig
from irvis.settings import McapSink
from pipeline.recording import plain_json
from pipeline.recording.calibration import calibrations
from pipeline.recording.channels import ContractMessage
from pipeline.recording.recorder import McapRecorder

STEP_NS = 40_000_000
SHAPE = 48, 64
FRAMES = 30
BYTES_PER_PIXEL = {"bgr8": 3, "mono8": 1, "mono16": 2}
"""Of foxglove.RawImage's encodings, those that are written."""
DISTORTIONS = {"": 0, "plumb_bob": 5, "rational_polynomial": 8}
SLICE, KEY_SLICE, SPS, PPS = 1, 5, 7, 8
"""H.264's kinds of units (ITU-T H.264, table 7-1)."""
REGISTRATION = RegistrationState(0.5, 0.1, 0.2, 1.0, 0.9, is_corrected=True, is_alarm=False)
CONTRACTS = [
    PairContract(3, 5, 6, InfraredState.LIVE, "rig", "e", {"infer": 3.5}, {"late": 2}, registration=REGISTRATION),
    PairContract(None, None, None, InfraredState.LOST, "rig", "engine"),
]
K = [[60.0, 0.0, 31.5], [0.0, 60.0, 23.5], [0.0, 0.0, 1.0]]
RIG = Rig(
    visible=CameraModel(width=64, height=48, K=K, dist=[0.1, 0.01, 0.0, 0.0]),
    infrared=CameraModel(width=64, height=48, K=K, dist=[0.1] * 8),
    vis_from_ir=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
)


class Read(NamedTuple):
    channel: str
    schema: str
    time_ns: int
    message: Any


def recorded(path: Path, payload: str, rig: Rig = RIG) -> Iterator[Read]:
    """The messages of a recording of everything, decoded as a program that knows only the file does."""
    settings = McapSink.model_validate({"path": path, "reserve_bytes": 0, "payload": payload})
    save_rig(rig, path.with_suffix(".yaml"))
    recorder = McapRecorder(settings, {}, tuple(calibrations(path.with_suffix(".yaml"))))
    for seq in range(FRAMES):
        time_ns = 1_700_000_000_000_000_000 + seq * STEP_NS
        ramp = np.tile(np.linspace(0, 200, SHAPE[1]).astype(np.uint8), (SHAPE[0], 1)) + np.uint8(seq)
        colour, counts = np.dstack([ramp] * 3), ramp.astype(np.uint16) * 100
        recorder.add(Frame(Modality.VISIBLE, colour, time_ns, time_ns, seq, 1))
        recorder.add(Frame(Modality.INFRARED, ramp, time_ns, time_ns, seq, 1, counts=counts))
        recorder.add(FusedFrame(colour, ramp % 9, time_ns, time_ns, time_ns, seq, 1, CONTRACTS[seq % 2]))
    recorder.close()
    with path.open("rb") as file:
        for schema, channel, message in make_reader(file, validate_crcs=True).iter_messages():
            assert schema is not None
            if schema.encoding == "protobuf":
                pool = DescriptorPool()
                for described in FileDescriptorSet.FromString(schema.data).file:
                    pool.Add(described)
                said: Any = GetMessageClass(pool.FindMessageTypeByName(schema.name)).FromString(message.data)
            else:
                said = json.loads(schema.data), json.loads(message.data)
            yield Read(channel.topic, schema.name, message.log_time, said)


def units(data: bytes) -> list[bytes]:
    """The units of an Annex B stream, without the zeros that may end them."""
    assert data.startswith((b"\0\0\1", b"\0\0\0\1"))
    return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1")[1:]]


def plain_fields(schema: dict[str, Any]) -> None:
    """Refuse what the parser of Foxglove Studio's last open version (mcap-support, parseJsonSchema) refuses."""
    assert schema["type"] == "object"
    for field in schema["properties"].values():
        assert field["type"] in {"boolean", "string", "number", "integer", "object"}
        if field["type"] == "object":
            plain_fields(field)


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is what a JSON schema of these few words says."""
    if schema["type"] != "object":
        kinds = {"boolean": bool, "string": str, "number": int | float, "integer": int}
        return isinstance(value, kinds[schema["type"]]) and value in schema.get("enum", [value])
    fields, others = schema["properties"], schema.get("additionalProperties", {"type": "object"})
    return set(schema["required"]) <= set(value) and all(
        fits(value[key], fields.get(key, others)) for key in value
    )


@pytest.mark.parametrize("payload", ["lossless", "jpeg", "h264"])
def test_every_picture_is_one_that_foxglove_knows(tmp_path: Path, payload: str) -> None:
    schemas = set()
    for read in recorded(tmp_path / "a.mcap", payload):
        if not read.schema.startswith("foxglove.") or read.channel.endswith("/calibration"):
            continue
        schemas.add(read.schema)
        message = read.message
        assert message.timestamp.seconds * 10**9 + message.timestamp.nanos == read.time_ns
        assert message.frame_id == ("infrared" if "infrared" in read.channel else "visible"), "its camera's"
        if read.schema == "foxglove.RawImage":
            assert message.step == message.width * BYTES_PER_PIXEL[message.encoding]
            assert len(message.data) == message.step * message.height
        elif read.schema == "foxglove.CompressedImage":
            assert message.format == "jpeg"
            assert message.data.startswith(b"\xff\xd8\xff")
        else:
            assert message.format == "h264"
    assert schemas >= {"foxglove.RawImage"}
    assert len(schemas) == 1 + (payload != "lossless")


@pytest.mark.parametrize(
    ("payload", "read_as"),
    [("lossless", "Image:buffer"), ("jpeg", "EncodedImage:blob"), ("h264", "VideoStream:sample")],
)
def test_every_picture_is_read_by_another_program(tmp_path: Path, payload: str, read_as: str) -> None:
    """Rerun's reader of Foxglove's schemas shares no code with irvis or the mcap library."""
    list(recorded(tmp_path / "a.mcap", payload))
    pictures = Counter[str]()
    for chunk in McapReader(tmp_path / "a.mcap").stream():
        names = chunk.to_record_batch().schema.names
        lossless = chunk.entity_path in ("/labels", "/infrared/counts")
        if ("Image:buffer" if lossless else read_as) in names:
            pictures[chunk.entity_path] += chunk.num_rows
    assert pictures == dict.fromkeys(("/visible", "/infrared", "/infrared/counts", "/fused", "/labels"), FRAMES)


@pytest.mark.parametrize("channel", ["/visible", "/infrared", "/fused"])
def test_each_message_of_video_is_one_picture_that_begins_with_its_parameters_or_goes_on(
    tmp_path: Path, channel: str
) -> None:
    """As foxglove.CompressedVideo asks: Annex B, one picture in a message, SPS and PPS before each key picture."""
    videos = [read.message.data for read in recorded(tmp_path / "a.mcap", "h264") if read.channel == channel]
    assert len(videos) == FRAMES
    for number, data in enumerate(videos):
        kinds = [unit[0] & 31 for unit in units(data)]
        first_slices = [unit for unit in units(data) if unit[0] & 31 in (SLICE, KEY_SLICE) and unit[1] & 128]
        assert len(first_slices) == 1
        assert number or KEY_SLICE in kinds
        assert KEY_SLICE not in kinds or {SPS, PPS} <= set(kinds)


def test_each_camera_of_a_rig_is_calibrated_in_its_pictures_frame(tmp_path: Path) -> None:
    found = {r.channel: r.message for r in recorded(tmp_path / "a.mcap", "lossless") if "calibration" in r.channel}
    assert set(found) == {"/visible/calibration", "/infrared/calibration"}
    for channel, message in found.items():
        assert message.frame_id == channel.split("/")[1]
        assert (len(message.K), len(message.R), len(message.P)) == (9, 9, 12)
        assert len(message.D) == DISTORTIONS[message.distortion_model]


def test_json_schemas_have_no_words_that_foxglove_does_not_know_and_messages_fit_them(tmp_path: Path) -> None:
    read = [r for r in recorded(tmp_path / "a.mcap", "lossless") if r.schema.startswith("irvis.")]
    assert {r.channel for r in read} == {"/contract", "/visible/meta", "/infrared/meta"}
    for _, _, _, (schema, message) in read:
        plain_fields(schema)
        assert fits(message, schema)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_comes_back_with_what_is_null(contract: PairContract) -> None:
    message = ContractMessage(1, 2, 3, 4, 5, contract)
    assert b"null" not in plain_json.encode(message)
    assert plain_json.decode(plain_json.encode(message), ContractMessage) == message
