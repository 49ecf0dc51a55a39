"""Large images between processes of one host: written once into memory that subscribers look at in place.

The memory is a memfd, a file without a name: whoever knows the publisher's process and descriptor number opens
it through /proc, and it is gone with the last process that has it open, however that one ends. It holds a ring
of slots.

A subscriber that looks at a slot holds a shared lock on one byte for it, which the kernel takes back from the
dead; a publisher only writes where it gets that byte alone. Messages come in order, so each subscriber says in a
table in the first page which generation it has seen last: a slot is written again when all who listen have seen
what it held. Where none is free, the images go through the socket, as they do to other hosts.
"""

import fcntl
import mmap
import os
import secrets
import struct
from collections.abc import Sequence

import msgspec
import numpy as np

from irvis.wire import Part

SHARED_FROM_BYTES = 128 << 10
"""Smaller messages go through the socket: their copies cost less than a slot."""
INLINE = b"!inline"
"""What a subscriber that can't open the memory subscribes to: it wants the images in the messages."""
MAGIC = b"\xc1shm"
"""Before a descriptor; no header begins so, as 0xc1 is no msgpack."""
SLOTS = 10
READERS = 12
"""Subscribers of each link that may look at the same time; more get nothing through memory."""
HEADER_BYTES = mmap.PAGESIZE
LOCK_FORMAT = "@hhqqi4x"
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL if hasattr(fcntl, "F_SEAL_SHRINK") else 0


class Descriptor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a message's images are; without sizes, they are in the message, and only the generation counts.

    Attributes:
        pid: Process that wrote them.
        fd: Its file descriptor of the memory.
        ring: Random number of the ring, as processes and descriptors are numbered again.
        slot: Which slot.
        slot_bytes: How large each is.
        generation: What the slot held when this was sent; counts the messages.
        sizes_bytes: Of the images, one behind the other.
    """

    pid: int
    fd: int
    ring: int
    slot: int
    slot_bytes: int
    generation: int
    sizes_bytes: tuple[int, ...]


class Table:
    """The first page: the ring's number, each slot's generation, and the last one that each reader has seen.

    Readers of the lossless link have the first half of the rows, those of the latest link the others.
    """

    def __init__(self, page: mmap.mmap) -> None:
        words = np.frombuffer(page, np.uint64, 1 + SLOTS + 2 * READERS)
        self.ring = words[:1]
        self.generations = words[1 : 1 + SLOTS]
        self.seen = words[1 + SLOTS :]


class Ring:
    """A publisher's slots.

    Args:
        slot_bytes: Room for one message's images.

    Attributes:
        slot_bytes: The same, rounded up.
        copied_bytes: How much was written so far.

    Raises:
        OSError: The system has no such memory.
    """

    def __init__(self, slot_bytes: int) -> None:
        self.slot_bytes = -(-slot_bytes // mmap.PAGESIZE) * mmap.PAGESIZE
        self.copied_bytes = 0
        self._fd = os.memfd_create("irvis", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self._fd, HEADER_BYTES + SLOTS * self.slot_bytes)
        fcntl.fcntl(self._fd, fcntl.F_ADD_SEALS, SEALS)
        self._memory = mmap.mmap(self._fd, 0)
        self._table = Table(self._memory)
        self._table.ring[0] = self._id = secrets.randbits(63)
        self._slots = np.frombuffer(self._memory, np.uint8, offset=HEADER_BYTES).reshape(SLOTS, self.slot_bytes)
        self._generation = 0

    def put(self, images: Sequence[Part], listeners: tuple[int, int]) -> tuple[bytes, bool]:
        """Write one message's images.

        Args:
            images: Together no larger than a slot.
            listeners: How many there are on the lossless and on the latest link.

        Returns:
            The descriptor to send, and whether it stands for the images; otherwise they are sent with it.
        """
        self._generation += 1
        # The lowest that is free, not the next in turn: memory that was used lately is still in the cache.
        horizon = self._seen_by_all(listeners)
        held = enumerate(self._table.generations.tolist())
        free = (slot for slot, generation in held if generation <= horizon and lock(self._fd, slot, fcntl.F_WRLCK))
        slot = next(free, None)
        if slot is None:
            return self._descriptor(0, ()), False
        start = 0
        for image in images:
            self._slots[slot, start : start + len(image)] = np.frombuffer(image, np.uint8)
            start += len(image)
        self._table.generations[slot] = self._generation
        lock(self._fd, slot, fcntl.F_UNLCK)
        self.copied_bytes += start
        return self._descriptor(slot, tuple(map(len, images))), True

    def close(self) -> None:
        """Let go; subscribers keep what they look at."""
        os.close(self._fd)

    def _seen_by_all(self, listeners: tuple[int, int]) -> int:
        """The newest generation that all who listen have seen, and with it all before."""
        horizon = self._generation
        seen = self._table.seen.tolist()
        for link, count in enumerate(listeners):
            rows = range(link * READERS, (link + 1) * READERS)
            present = sorted((seen[row] for row in rows if seen[row] and self._is_present(row)), reverse=True)
            if count:
                horizon = min(horizon, present[count - 1] if len(present) >= count else 0)
        return horizon

    def _is_present(self, row: int) -> bool:
        wanted = struct.pack(LOCK_FORMAT, fcntl.F_WRLCK, os.SEEK_SET, SLOTS + row, 1, 0)
        found: int = struct.unpack(LOCK_FORMAT, fcntl.fcntl(self._fd, fcntl.F_OFD_GETLK, wanted))[0]
        return found != fcntl.F_UNLCK

    def _descriptor(self, slot: int, sizes_bytes: tuple[int, ...]) -> bytes:
        where = Descriptor(os.getpid(), self._fd, self._id, slot, self.slot_bytes, self._generation, sizes_bytes)
        return MAGIC + msgspec.msgpack.encode(where)


def lock(fd: int, byte: int, kind: int) -> bool:
    """Lock or unlock one byte for this open file, without waiting; False if another has it."""
    try:
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack(LOCK_FORMAT, kind, os.SEEK_SET, byte, 1, 0))
    except OSError:
        return False
    return True


def is_shared(part: Part | memoryview) -> bool:
    """Whether a message's second part is a descriptor."""
    return bytes(part[: len(MAGIC)]) == MAGIC
