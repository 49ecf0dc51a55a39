"""A recording that is read: what it holds, and its messages in order of their stamps."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from mcap.exceptions import McapError
from mcap.reader import SeekingReader
from mcap.records import Message
from mcap.stream_reader import CRCValidationError
from mcap.summary import Summary

from irvis.clock import NS_PER_S
from irvis.closing import Closing
from irvis.errors import RecordingError

from .channels import CONTRACT, ContractMessage
from .images import Image, decode
from .recover import is_cut_off


class Stamped(NamedTuple):
    """One image of a recording; times as in `pipeline.recording.channels.Entry`."""

    channel: str
    image: Image
    stamp_ns: int
    published_ns: int
    seq: int


class Recording(Closing):
    """An MCAP file with its index; a context manager that closes it.

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
            if path.is_file() and is_cut_off(path):
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
        self.counts = _counts(summary)
        self.schemas = _schemas(summary)
        self.first_ns = summary.statistics.message_start_time
        self.last_ns = summary.statistics.message_end_time

    @property
    def duration_s(self) -> float:
        """From the first stamp to the last [s]."""
        return (self.last_ns - self.first_ns) / NS_PER_S

    def images(self, *channels: str, from_ns: int | None = None) -> Iterator[Stamped]:
        """The images of some channels, in order of their stamps.

        Args:
            channels: Which.
            from_ns: Leave out what is earlier [ns].

        Raises:
            RecordingError: The file is damaged, or a channel has no images.
        """
        for channel, schema, message in self._messages(channels, from_ns):
            image = decode(schema, message.data)
            yield Stamped(channel, image, message.log_time, message.publish_time, message.sequence)

    def contracts(self, from_ns: int | None = None) -> Iterator[ContractMessage]:
        """What was said of each fused frame, in order of their stamps.

        Raises:
            RecordingError: The file is damaged.
        """
        for _, _, message in self._messages([CONTRACT], from_ns):
            try:
                yield msgspec.json.decode(message.data, type=ContractMessage)
            except msgspec.DecodeError as exc:
                raise RecordingError(f"{self.path}: unreadable pair contract: {exc}") from exc

    def stamps(self, channel: str) -> list[int]:
        """The stamps of a channel's messages [ns], in order.

        Raises:
            RecordingError: The file is damaged.
        """
        return [message.log_time for _, _, message in self._messages([channel], None)]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _messages(self, channels: Sequence[str], from_ns: int | None) -> Iterator[tuple[str, str, Message]]:
        try:
            for schema, channel, message in self._reader.iter_messages(channels, starting_at=from_ns):
                yield channel.topic, schema.name if schema else "", message
        except (McapError, CRCValidationError, ValueError) as exc:
            raise RecordingError(
                f"{self.path}: damaged ({exc}); `irvis recover {self.path}` keeps what is whole"
            ) from exc


def _counts(summary: Summary) -> dict[str, int]:
    assert summary.statistics is not None
    counts = summary.statistics.channel_message_counts
    return {channel.topic: counts.get(number, 0) for number, channel in summary.channels.items()}


def _schemas(summary: Summary) -> dict[str, str]:
    return {
        channel.topic: summary.schemas[channel.schema_id].name
        for channel in summary.channels.values()
        if channel.schema_id in summary.schemas
    }
