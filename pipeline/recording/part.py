"""One MCAP file that is read: what it holds, and its messages in order of their stamps."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.reader import SeekingReader
from mcap.records import Message, MessageIndex
from mcap.stream_reader import CRCValidationError

from irvis.errors import RecordingError

from .recover import is_cut_off
from .video import VIDEO, begins_video

RECORD_HEAD_BYTES = 9
"""Of every record in an MCAP file: what it is, and its length."""


class Part:
    """One file with its index.

    Args:
        path: The file.

    Attributes:
        path: The same.
        counts: How many messages each channel has.
        schemas: The name of each channel's schema.
        facts: What the recorder wrote about itself, for example the system's `config`.
        first_ns: Earliest stamp of all messages [ns].
        last_ns: Latest stamp [ns].

    Raises:
        RecordingError: It can't be read, is no MCAP file, or was never closed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if is_cut_off(path):
                raise RecordingError(f"{path}: a recording that was cut off; first `irvis recover {path}`")
            self._file = path.open("rb")
        except OSError as exc:
            raise RecordingError(
                f"{path}: {exc.strerror or 'no recording'}; expected an MCAP file of the mcap sink"
            ) from exc
        try:
            self._reader = SeekingReader(self._file, validate_crcs=True)
            summary = self._reader.get_summary()
            self.facts = {
                key: value for record in self._reader.iter_metadata() for key, value in record.metadata.items()
            }
        except (McapError, ValueError) as exc:
            self._file.close()
            raise RecordingError(f"{path}: not an MCAP recording ({exc})") from exc
        if summary is None or summary.statistics is None:
            self._file.close()
            raise RecordingError(f"{path}: has no index; first `irvis recover {path}`")
        counts = summary.statistics.channel_message_counts
        self.counts = {channel.topic: counts.get(number, 0) for number, channel in summary.channels.items()}
        self.schemas = {
            channel.topic: summary.schemas[channel.schema_id].name
            for channel in summary.channels.values()
            if channel.schema_id in summary.schemas
        }
        self._chunks = summary.chunk_indexes
        self._numbers = {channel.topic: number for number, channel in summary.channels.items()}
        self.first_ns = summary.statistics.message_start_time
        self.last_ns = summary.statistics.message_end_time

    def stamps(self, channel: str) -> list[int]:
        """The stamps of a channel's messages [ns], in order; by the index alone, without reading the messages.

        Raises:
            RecordingError: The file is damaged.
        """
        number = self._numbers.get(channel)
        stamps: list[int] = []
        try:
            for chunk in self._chunks:
                if number in chunk.message_index_offsets:
                    self._file.seek(chunk.message_index_offsets[number] + RECORD_HEAD_BYTES)
                    index = MessageIndex.read(ReadDataStream(self._file))
                    stamps += [stamp_ns for stamp_ns, _ in index.records]
        except (McapError, ValueError) as exc:
            raise self._damaged(exc) from exc
        return sorted(stamps)

    def messages(
        self,
        channels: Sequence[str],
        from_ns: int | None = None,
        before_ns: int | None = None,
        backwards: bool = False,
    ) -> Iterator[tuple[str, str, Message]]:
        """The messages of some channels: channel, name of its schema, message.

        Args:
            channels: Which.
            from_ns: Leave out what is earlier [ns].
            before_ns: Leave out what is not earlier [ns].
            backwards: The last one first.

        Raises:
            RecordingError: The file is damaged.
        """
        try:
            for schema, channel, message in self._reader.iter_messages(
                channels, starting_at=from_ns, ending_before=before_ns, reverse=backwards
            ):
                yield channel.topic, schema.name if schema else "", message
        except (McapError, CRCValidationError, ValueError) as exc:
            raise self._damaged(exc) from exc

    def entry_point_ns(self, channel: str, from_ns: int) -> int:
        """Where decoding must begin for a channel's picture at `from_ns`: at that, or at the keyframe before [ns].

        Raises:
            RecordingError: The file is damaged.
        """
        if self.schemas.get(channel) != VIDEO:
            return from_ns
        for _, _, message in self.messages([channel], before_ns=from_ns + 1, backwards=True):
            if begins_video(message.data):
                return message.log_time
        return from_ns

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _damaged(self, exc: Exception) -> RecordingError:
        return RecordingError(f"{self.path}: damaged ({exc}); `irvis recover {self.path}` keeps what is whole")
