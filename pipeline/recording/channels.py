"""The channels of a recording: their names, their messages, and the schemas that explain these."""

from typing import NamedTuple, TypeVar

import msgspec
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.CompressedVideo_pb2 import CompressedVideo
from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from irvis.errors import RecordingError
from irvis.frame import PairContract

from . import plain_json

VISIBLE, INFRARED, COUNTS = "/visible", "/infrared", "/infrared/counts"
FUSED, LABELS, CONTRACT = "/fused", "/labels", "/contract"
CAMERAS = {VISIBLE: "visible", INFRARED: "infrared", COUNTS: "infrared", FUSED: "visible", LABELS: "visible"}
"""Which camera's optical centre a channel's pictures are seen from: their `frame_id`."""
CALIBRATION, META = "/calibration", "/meta"
"""Behind a camera's channel: its calibration, and what its frames say of themselves."""


class SchemaInfo(NamedTuple):
    """What says how a channel's messages are to be read: its name, and the two encodings as MCAP calls them."""

    name: str
    encoding: str
    message_encoding: str
    data: bytes


class Entry(NamedTuple):
    """One message of a recording; times [ns, Unix epoch, capture host's clock]."""

    channel: str
    schema: SchemaInfo
    data: bytes
    stamp_ns: int
    published_ns: int
    seq: int


class ContractMessage(msgspec.Struct, frozen=True):
    """What `/contract` says of one fused frame: when it is from, and its pair contract."""

    stamp_ns: int
    captured_ns: int
    published_ns: int
    seq: int
    stream_id: int
    contract: PairContract


class FrameMeta(msgspec.Struct, frozen=True):
    """What `/visible/meta` and `/infrared/meta` say of one camera frame."""

    stamp_ns: int
    captured_ns: int
    seq: int
    stream_id: int
    trigger: int | None = None


MessageT = TypeVar("MessageT", ContractMessage, FrameMeta)


def read_json(data: bytes, message: type[MessageT]) -> MessageT:
    """A message of one of our own schemas.

    Raises:
        RecordingError: It is none.
    """
    try:
        return plain_json.decode(data, message)
    except msgspec.DecodeError as exc:
        raise RecordingError(f"unreadable {message.__name__}: {exc}; is it from another version?") from exc


def _protobuf(
    message: type[RawImage] | type[CompressedImage] | type[CompressedVideo] | type[CameraCalibration],
) -> SchemaInfo:
    files: dict[str, FileDescriptor] = {}

    def add(file: FileDescriptor) -> None:
        for needed in file.dependencies:
            add(needed)
        files[file.name] = file

    add(message.DESCRIPTOR.file)
    described = FileDescriptorSet()
    for file in files.values():
        file.CopyToProto(described.file.add())
    return SchemaInfo(message.DESCRIPTOR.full_name, "protobuf", "protobuf", described.SerializeToString())


def _json(name: str, message: type[msgspec.Struct]) -> SchemaInfo:
    return SchemaInfo(name, "jsonschema", "json", plain_json.schema_of(message))


RAW_SCHEMA = _protobuf(RawImage)
JPEG_SCHEMA = _protobuf(CompressedImage)
VIDEO_SCHEMA = _protobuf(CompressedVideo)
CALIBRATION_SCHEMA = _protobuf(CameraCalibration)
CONTRACT_SCHEMA = _json("irvis.PairContract", ContractMessage)
META_SCHEMA = _json("irvis.FrameMeta", FrameMeta)
