"""What a crash left of a recording, as a whole file again."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, McapRecord, Message, Metadata, Schema
from mcap.stream_reader import CRCValidationError, StreamReader, breakup_chunk
from mcap.writer import MCAP0_MAGIC, CompressionType, Writer

from irvis.errors import RecordingError

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


def recover(path: Path, out: Path) -> Recovered:
    """Copy every whole chunk of a recording into a new one, with its index; the first is not touched.

    Args:
        path: A recording, whole or not.
        out: The file to write; must not be there yet.

    Raises:
        RecordingError: It is no MCAP file, nothing of it can be read, or `out` can't be written.
    """
    channels: dict[int, int] = {}
    schemas: dict[int, int] = {}
    messages = 0
    try:
        with path.open("rb") as source, out.open("xb") as target:
            writer = Writer(target, CHUNK_BYTES, CompressionType.LZ4)
            writer.start("irvis")
            chunks = _Chunks(path, StreamReader(source, emit_chunks=True, validate_crcs=True))
            for record in chunks:
                if isinstance(record, Metadata):
                    writer.add_metadata(record.name, record.metadata)
                elif isinstance(record, Schema) and record.id not in schemas:
                    schemas[record.id] = writer.register_schema(record.name, record.encoding, record.data)
                elif isinstance(record, Channel) and record.id not in channels:
                    schema = schemas.get(record.schema_id, 0)
                    channels[record.id] = writer.register_channel(
                        record.topic, record.message_encoding, schema, record.metadata
                    )
                elif isinstance(record, Message) and record.channel_id in channels:
                    writer.add_message(
                        channels[record.channel_id],
                        record.log_time,
                        record.data,
                        record.publish_time,
                        record.sequence,
                    )
                    messages += 1
            writer.finish()
    except OSError as exc:
        raise RecordingError(f"{exc.filename or out}: {exc.strerror}; choose another file with --out") from exc
    return Recovered(messages, chunks.damaged)


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
