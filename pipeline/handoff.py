"""A short queue between two threads of a node."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Handoff(Generic[Item]):
    """Passes items from one thread to another, few at a time.

    Args:
        size: How many may wait.
        replace: When full, let go of the oldest instead of waiting for room.

    Attributes:
        let_go: How many were let go so far, or came when it was closed; who takes an item finds those counted that
            made way for it.

    Example:
        >>> handoff = Handoff[str](1, replace=True)
        >>> handoff.put("old"), handoff.put("new"), handoff.close(), list(handoff)
        ([], ['old'], None, ['new'])
    """

    def __init__(self, size: int, *, replace: bool = False) -> None:
        self._size = size
        self._replace = replace
        self._items: deque[Item] = deque()
        self._closed = False
        self._changed = threading.Condition()
        self.let_go = 0

    def put(self, item: Item, extra: int = 0) -> list[Item]:
        """Pass an item on, when there is room; returns those that were let go for it.

        Args:
            item: What to pass on.
            extra: How many more than usual may wait this time.
        """
        with self._changed:
            size = self._size + extra
            while len(self._items) >= size and not self._replace and not self._closed:
                self._changed.wait()
            if self._closed:
                self.let_go += 1
                return [item]
            self._items.append(item)
            let_go = [self._items.popleft() for _ in range(len(self._items) - size)]
            self.let_go += len(let_go)
            self._changed.notify_all()
            return let_go

    def __iter__(self) -> Iterator[Item]:
        """Items as they come, until it is closed and empty."""
        while True:
            with self._changed:
                while not self._items and not self._closed:
                    self._changed.wait()
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item

    def close(self) -> None:
        """No item follows; those that wait are still handed over."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Nobody takes or gives any more: forget what waits and let both sides go."""
        with self._changed:
            self._items.clear()
            self._closed = True
            self._changed.notify_all()
