"""What a crash left of a recording, as a whole file again."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, McapRecord, Message, Metadata, Schema
from mcap.stream_reader import CRCValidationError, StreamReader, breakup_chunk
from mcap.writer import MCAP0_MAGIC, CompressionType, Writer
from rich.progress import Progress

from irvis.console import opened
from irvis.errors import RecordingError

from .video import VIDEO, begins_video

CHUNK_BYTES = 4 << 20


class Recovered(NamedTuple):
    """What was found: messages that were kept, and chunks that were damaged and left out."""

    messages: int
    damaged_chunks: int


def is_cut_off(path: Path) -> bool:
    """Whether a file is an MCAP recording that was never closed.

    Raises:
        OSError: The file can't be read.
    """
    with path.open("rb") as file:
        if file.read(len(MCAP0_MAGIC)) != MCAP0_MAGIC:
            return False
        file.seek(-len(MCAP0_MAGIC), 2)
        return file.read() != MCAP0_MAGIC or file.tell() < 2 * len(MCAP0_MAGIC)


def recover(path: Path, out: Path, progress: Progress | None = None) -> Recovered:
    """Copy every whole chunk of a recording into a new one, with its index; the first is not touched.

    Video that follows a damaged chunk is left out up to its next keyframe, since nothing could decode it.

    Args:
        path: A recording, whole or not.
        out: The file to write; must not be there yet.
        progress: Shows how far it is.

    Raises:
        RecordingError: It is no MCAP file, nothing of it can be read, or `out` can't be written.
    """
    try:
        source = opened(path, progress)
    except OSError as exc:
        raise RecordingError(f"{path}: {exc.strerror}; expected an MCAP file of the mcap sink") from exc
    try:
        with source, out.open("xb") as target:
            writer = Writer(target, CHUNK_BYTES, CompressionType.LZ4)
            writer.start("irvis")
            copy = _Copy(writer)
            chunks = _Chunks(path, StreamReader(source, emit_chunks=True, validate_crcs=True))
            for record in chunks:
                copy.take(record, chunks.damaged)
            writer.finish()
    except OSError as exc:
        raise RecordingError(f"{out}: {exc.strerror}; choose another file with --out") from exc
    return Recovered(copy.messages, chunks.damaged)


class _Copy:
    """Writes records into another file, where schemas and channels have other numbers."""

    def __init__(self, writer: Writer) -> None:
        self.messages = 0
        self._writer = writer
        self._schemas: dict[int, int] = {}
        self._channels: dict[int, int] = {}
        self._video_schemas: set[int] = set()
        self._videos: dict[int, int] = {}

    def take(self, record: McapRecord, damaged: int) -> None:
        """Write a record; `damaged` chunks were left out before it."""
        if isinstance(record, Metadata):
            self._writer.add_metadata(record.name, record.metadata)
        elif isinstance(record, Schema) and record.id not in self._schemas:
            self._schemas[record.id] = self._writer.register_schema(record.name, record.encoding, record.data)
            if record.name == VIDEO:
                self._video_schemas.add(record.id)
        elif isinstance(record, Channel) and record.id not in self._channels:
            schema = self._schemas.get(record.schema_id, 0)
            self._channels[record.id] = self._writer.register_channel(
                record.topic, record.message_encoding, schema, record.metadata
            )
            if record.schema_id in self._video_schemas:
                self._videos[record.id] = damaged
        elif isinstance(record, Message) and record.channel_id in self._channels:
            if self._videos.get(record.channel_id, damaged) != damaged:
                if not begins_video(record.data):
                    return
                self._videos[record.channel_id] = damaged
            channel = self._channels[record.channel_id]
            self._writer.add_message(channel, record.log_time, record.data, record.publish_time, record.sequence)
            self.messages += 1


class _Chunks:
    """The records of a file up to where it breaks off, without chunks whose CRC is wrong."""

    def __init__(self, path: Path, reader: StreamReader) -> None:
        self.damaged = 0
        self._path = path
        self._records = iter(reader.records)

    def __iter__(self) -> Iterator[McapRecord]:
        found = False
        while (record := self._next(found)) is not None:
            found = True
            if not isinstance(record, Chunk):
                yield record
                continue
            try:
                yield from breakup_chunk(record, validate_crc=True)
            except (CRCValidationError, McapError, RuntimeError, ValueError):
                # lz4 and zstd have errors of their own, all of them RuntimeErrors or ValueErrors.
                self.damaged += 1

    def _next(self, found: bool) -> McapRecord | None:
        try:
            return next(self._records, None)
        except (McapError, CRCValidationError, ValueError) as exc:
            if not found:
                raise RecordingError(f"{self._path}: not an MCAP recording ({exc})") from exc
            return None
