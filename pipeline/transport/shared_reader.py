"""The subscribers' side of shared memory: opens a publisher's ring, and holds what is being looked at."""

import fcntl
import mmap
import os
from pathlib import Path

import msgspec
import numpy as np

from irvis.errors import WireError
from irvis.wire import Part

from .shared import HEADER_BYTES, MAGIC, READERS, SEALS, SLOTS, Descriptor, Table, lock

_decoder = msgspec.msgpack.Decoder(Descriptor)
MEMFD_PREFIX = "/memfd:irvis"


class NotReachable(WireError):
    """The publisher's memory can't be opened from here, for example from another container."""


class Reader:
    """One subscriber's view of a ring.

    Args:
        where: Any descriptor of the ring.
        lossless: Which of the publisher's links it listens to.

    Raises:
        NotReachable: The memory can't be opened from here.
    """

    _fd = -1

    def __init__(self, where: Descriptor, lossless: bool) -> None:
        self._fd = _open(where)
        try:
            size_bytes = os.fstat(self._fd).st_size
            self._table = Table(mmap.mmap(self._fd, HEADER_BYTES))
            self._memory = np.frombuffer(mmap.mmap(self._fd, 0, prot=mmap.PROT_READ), np.uint8)
        except (OSError, ValueError) as exc:
            raise NotReachable(f"shared memory can't be mapped: {exc}") from exc
        if size_bytes != HEADER_BYTES + SLOTS * where.slot_bytes:
            raise NotReachable(
                f"shared memory of {size_bytes} bytes: expected {SLOTS} slots of {where.slot_bytes}"
            )
        rows = range(READERS) if lossless else range(READERS, 2 * READERS)
        row = next((row for row in rows if lock(self._fd, SLOTS + row, fcntl.F_WRLCK)), None)
        if row is None:
            raise NotReachable(f"{READERS} others look at this memory")
        self._row = row
        self._table.seen[row] = 0

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)

    def is_for(self, where: Descriptor) -> bool:
        """Whether a descriptor is of this ring."""
        return int(self._table.ring[0]) == where.ring

    def images(self, where: Descriptor) -> list[memoryview] | None:
        """The images of a message, in place and read-only, theirs until nobody has them any more.

        Returns:
            None where the slot has been written again since.

        Raises:
            WireError: The descriptor points outside the memory.
        """
        if (
            not 0 <= where.slot < SLOTS
            or sum(where.sizes_bytes) > where.slot_bytes
            or min(where.sizes_bytes, default=0) < 0
        ):
            raise WireError(f"shared images of {where.sizes_bytes} bytes in slot {where.slot}: outside the memory")
        if not lock(self._fd, where.slot, fcntl.F_RDLCK):
            return None
        if int(self._table.generations[where.slot]) != where.generation:
            lock(self._fd, where.slot, fcntl.F_UNLCK)
            return None
        start = HEADER_BYTES + where.slot * where.slot_bytes
        held = np.asarray(_Hold(self, where, self._memory[start : start + sum(where.sizes_bytes)]))
        images, start = [], 0
        for size_bytes in where.sizes_bytes:
            images.append(held[start : start + size_bytes].data)
            start += size_bytes
        return images

    def saw(self, where: Descriptor) -> None:
        """Tell the publisher that a message has come, and those before it or not at all."""
        self._table.seen[self._row] = where.generation

    def release(self, where: Descriptor) -> None:
        """Let the publisher write a slot again."""
        lock(self._fd, where.slot, fcntl.F_UNLCK)


class _Hold:
    """Keeps a slot from being written while any array made of it lives: numpy keeps this as the arrays' base."""

    def __init__(self, reader: Reader, where: Descriptor, pixels: np.ndarray) -> None:
        self._reader = reader
        self._where = where
        self._pixels = pixels
        self.__array_interface__ = pixels.__array_interface__

    def __del__(self) -> None:
        self._reader.release(self._where)


def read_descriptor(part: Part) -> Descriptor:
    """Decode a descriptor.

    Raises:
        WireError: It is none.
    """
    try:
        where = _decoder.decode(part[len(MAGIC) :])
    except (msgspec.DecodeError, ValueError) as exc:
        raise WireError(f"unreadable descriptor of shared memory: {exc}") from exc
    return where


def _open(where: Descriptor) -> int:
    path = f"/proc/{where.pid}/fd/{where.fd}"
    try:
        if not str(Path(path).readlink()).startswith(MEMFD_PREFIX):
            raise NotReachable(f"{path} is no memory of a publisher")
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as exc:
        raise NotReachable(f"{path}: {exc.strerror}") from exc
    try:
        # Sealed, it can't become shorter than it says, which would crash whoever looks at its end.
        sealed = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    except OSError as exc:
        os.close(fd)
        raise NotReachable(f"{path}: {exc.strerror}") from exc
    if sealed & SEALS != SEALS:
        os.close(fd)
        raise NotReachable(f"{path} is not sealed")
    return fd
