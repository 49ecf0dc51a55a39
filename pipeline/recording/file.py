"""One MCAP file: chunked, checked by CRC, indexed at its end, and on disk a second after each frame."""

import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from mcap.writer import CompressionType, Writer

from irvis.errors import RecordingError

from .channels import Entry

CHUNK_BYTES = 4 << 20
FLUSH_S = 0.5
COMPRESSIONS = {"none": CompressionType.NONE, "lz4": CompressionType.LZ4, "zstd": CompressionType.ZSTD}


class McapFile:
    """Writes entries to one file.

    Args:
        path: Its folder must exist; what is there is overwritten.
        compression: Of chunks: none, lz4 or zstd.
        facts: Kept in the file's metadata record `irvis`.

    Attributes:
        path: The same.
        chunk: Number of the chunk in the making.
        held: Its entries so far, by channel: a crash would cost them.

    Raises:
        RecordingError: The file can't be made.
    """

    def __init__(self, path: Path, compression: str, facts: Mapping[str, str]) -> None:
        self.path = path
        self.chunk = 0
        self.held = Counter[str]()
        self._held_bytes = 0
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._flushed_s = time.monotonic()
        try:
            self._stream = path.open("wb")
            # Chunks end where this class says so: video has keyframes at their beginnings.
            self._writer = Writer(self._stream, sys.maxsize, COMPRESSIONS[compression])
            self._writer.start("irvis")
            self._writer.add_metadata("irvis", dict(facts))
            self._writer.flush()
        except OSError as exc:
            raise _cannot(path, exc) from exc

    def add(self, entry: Entry) -> None:
        """Append an entry; its channel is made when it is the first.

        Raises:
            RecordingError: The file can't be written.
        """
        try:
            if entry.channel not in self._channels:
                self._channels[entry.channel] = self._channel(entry)
            channel = self._channels[entry.channel]
            # MCAP's own sequence numbers have 32 bits.
            self._writer.add_message(
                channel, entry.stamp_ns, entry.data, entry.published_ns, entry.seq & 0xFFFFFFFF
            )
        except OSError as exc:
            raise _cannot(self.path, exc) from exc
        self._held_bytes += len(entry.data)
        self.held[entry.channel] += 1
        self.flush_if_due()

    def flush_if_due(self) -> None:
        """Flush if a chunk is held, or something half a second old; from then on a crash keeps it.

        Raises:
            RecordingError: The file can't be written.
        """
        is_old = time.monotonic() - self._flushed_s >= FLUSH_S
        if is_old or self._held_bytes >= CHUNK_BYTES:
            self.flush()

    def flush(self) -> None:
        """End the chunk in the making and hand it to the system.

        Raises:
            RecordingError: The file can't be written.
        """
        self._flushed_s = time.monotonic()
        try:
            self._writer.flush()
        except OSError as exc:
            raise _cannot(self.path, exc) from exc
        if self._held_bytes:
            self.chunk += 1
            self._held_bytes = 0
            self.held.clear()

    def size_bytes(self) -> int:
        """How large the file is by now, without the chunk in the making."""
        return self._stream.tell()

    def close(self) -> None:
        """Write the index and close the file.

        Raises:
            RecordingError: The file can't be written.
        """
        try:
            self._writer.finish()
            self._stream.close()
        except OSError as exc:
            raise _cannot(self.path, exc) from exc
        self.held.clear()

    def _channel(self, entry: Entry) -> int:
        schema = entry.schema
        if schema.name not in self._schemas:
            self._schemas[schema.name] = self._writer.register_schema(schema.name, schema.encoding, schema.data)
        return self._writer.register_channel(entry.channel, schema.message_encoding, self._schemas[schema.name])


def _cannot(path: Path, exc: OSError) -> RecordingError:
    return RecordingError(
        f"{path}: can't be written ({exc.strerror or exc}); check the folder and the space left on its disk, then "
        f"`irvis recover {path}`"
    )
