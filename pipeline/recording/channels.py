"""The channels of a recording: their names, and what a frame becomes on each."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from irvis.frame import Frame, FusedFrame, PairContract
from irvis.settings import McapSink

from .images import Image, encode_jpeg, encode_raw

VISIBLE, INFRARED, COUNTS = "/visible", "/infrared", "/infrared/counts"
FUSED, LABELS, CONTRACT = "/fused", "/labels", "/contract"
CALIBRATION = "/calibration"


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


def entries_of(message: Frame | FusedFrame, settings: McapSink) -> Iterator[Entry]:
    """What is recorded of a frame, by the sink's settings."""
    if isinstance(message, Frame):
        name = f"/{message.modality}"
        yield _image(name, message.pixels, message, message.captured_ns, settings)
        if message.counts is not None:
            yield _image(COUNTS, message.counts, message, message.captured_ns, settings)
        return
    if "fused" in settings.topics:
        yield _image(FUSED, message.fused, message, message.published_ns, settings)
    if "labels" in settings.topics:
        yield _image(LABELS, message.labels, message, message.published_ns, settings)
    said = ContractMessage(
        message.stamp_ns,
        message.captured_ns,
        message.published_ns,
        message.seq,
        message.stream_id,
        message.contract,
    )
    data = msgspec.json.encode(said)
    yield Entry(CONTRACT, CONTRACT_SCHEMA, data, message.stamp_ns, message.published_ns, message.seq)


def _image(name: str, pixels: Image, of: Frame | FusedFrame, published_ns: int, settings: McapSink) -> Entry:
    lossless = settings.payload == "lossless" or name in (COUNTS, LABELS)
    if lossless:
        data, schema = encode_raw(pixels, name[1:], of.stamp_ns), RAW_SCHEMA
    else:
        data = encode_jpeg(pixels, name[1:], of.stamp_ns, settings.jpeg_quality)
        schema = JPEG_SCHEMA
    return Entry(name, schema, data, of.stamp_ns, published_ns, of.seq)


def _protobuf(message: type[RawImage] | type[CompressedImage] | type[CameraCalibration]) -> SchemaInfo:
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
    _, definitions = msgspec.json.schema_components([message], ref_template="#/$defs/{name}")
    inlined = {**definitions.pop(message.__name__), "$defs": definitions}
    return SchemaInfo(name, "jsonschema", "json", json.dumps(inlined).encode())


RAW_SCHEMA = _protobuf(RawImage)
JPEG_SCHEMA = _protobuf(CompressedImage)
CALIBRATION_SCHEMA = _protobuf(CameraCalibration)
CONTRACT_SCHEMA = _json("irvis.PairContract", ContractMessage)
