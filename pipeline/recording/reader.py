"""A recording that is read: one file or the parts of it in order."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from mcap.records import Message

from irvis.clock import NS_PER_S
from irvis.closing import Closing
from irvis.errors import RecordingError

from ..storage.parts import files_of
from .channels import CONTRACT, ContractMessage, read_json
from .images import Image, ImageDecoder
from .part import Part

OVERLAP_NS = 10 * NS_PER_S
"""What is in flight when a part ends, with latency and skew, is less; so much more is another recording."""


class Stamped(NamedTuple):
    """One image of a recording; times as in `pipeline.recording.channels.Entry`."""

    channel: str
    image: Image
    stamp_ns: int
    published_ns: int
    seq: int


class Stored(NamedTuple):
    """One message of a recording, and the image in it; None where it has none that can be decoded."""

    channel: str
    message: Message
    image: Image | None


class Recording(Closing):
    """Some MCAP files as one; a context manager that closes them.

    Args:
        paths: Files, or folders of which each `.mcap` file is taken; in any order.

    Attributes:
        counts: How many messages each channel has.
        schemas: The name of each channel's schema.
        facts: What the recorder wrote about itself, for example the system's `config`.
        first_ns: Earliest stamp of all messages [ns].
        last_ns: Latest stamp [ns].
        size_bytes: Of all files.

    Raises:
        RecordingError: A file can't be read, is no MCAP file, was never closed, or they are not parts of one
            recording.
    """

    def __init__(self, *paths: Path) -> None:
        files = files_of(paths)
        with ExitStack() as stack:
            parts = []
            for file in files:
                parts.append(Part(file))
                stack.callback(parts[-1].close)
            parts = [part for part in parts if part.counts] or parts[:1]
            self._parts = sorted(parts, key=lambda part: part.first_ns)
            for one, other in itertools.pairwise(self._parts):
                _check_sequence(one, other)
            self._open = stack.pop_all()
        self.counts = dict(sum((Counter(part.counts) for part in self._parts), Counter[str]()))
        self.schemas = {name: schema for part in self._parts for name, schema in part.schemas.items()}
        self.facts = self._parts[0].facts
        self.first_ns = self._parts[0].first_ns
        self.last_ns = max(part.last_ns for part in self._parts)
        self.size_bytes = sum(file.stat().st_size for file in files)

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
            RecordingError: A file is damaged, or an image is none that irvis writes.
        """
        for channel, message, image in self.messages(channels, from_ns):
            if image is not None:
                yield Stamped(channel, image, message.log_time, message.publish_time, message.sequence)

    def contracts(self, from_ns: int | None = None) -> Iterator[ContractMessage]:
        """What was said of each fused frame, in order of their stamps.

        Raises:
            RecordingError: A file is damaged.
        """
        for _, message, _ in self.messages([CONTRACT], from_ns):
            yield read_json(message.data, ContractMessage)

    def messages(self, channels: Sequence[str], from_ns: int | None = None) -> Iterator[Stored]:
        """The messages of some channels, in order of their stamps.

        Args:
            channels: Which.
            from_ns: Leave out what is earlier [ns].

        Raises:
            RecordingError: A file is damaged, or an image is none that irvis writes.
        """
        for part in self._parts:
            decoder = ImageDecoder()
            begin_ns = from_ns if from_ns is None else min(part.entry_point_ns(name, from_ns) for name in channels)
            for channel, schema, message in part.messages(channels, begin_ns):
                image = decoder.decode(channel, schema, message.data)
                if from_ns is None or message.log_time >= from_ns:
                    yield Stored(channel, message, image)

    def stamps(self, channel: str) -> list[int]:
        """The stamps of a channel's messages [ns], in order.

        Raises:
            RecordingError: A file is damaged.
        """
        return [stamp_ns for part in self._parts for stamp_ns in part.stamps(channel)]

    def close(self) -> None:
        """Close the files."""
        self._open.close()


def _check_sequence(one: Part, other: Part) -> None:
    if one.last_ns - other.first_ns > OVERLAP_NS or one.facts != other.facts:
        raise RecordingError(
            f"{one.path} and {other.path}: not parts of one recording, but of the same time or of two systems; "
            "name the files that belong together"
        )
