"""What every sink promises to the node that feeds it."""

from abc import abstractmethod
from typing import Protocol

from irvis.frame import FusedFrame
from irvis.timing import DropCounter


class Sink(Protocol):
    """Where fused frames go; one that inherits from it says only what is other than here.

    Attributes:
        dropped: Frames left out by the sink itself, by reason.
    """

    dropped: DropCounter

    @property
    @abstractmethod
    def done(self) -> str:
        """What a frame that went there counts as."""

    @property
    def note(self) -> str:
        """What the user should know now; empty if all is well."""
        return ""

    @property
    def unsaved(self) -> int:
        """How many of the frames that it took would be gone if this process died now."""
        return 0

    @abstractmethod
    def take(self, frame: FusedFrame) -> bool:
        """Take one frame; False if it was left out and counted.

        Raises:
            RecordingError: What it writes to failed.
        """

    def is_over(self) -> bool:
        """Whether the user has had enough; asked often, also while no frame comes."""
        return False

    @abstractmethod
    def close(self) -> None:
        """Finish what was begun.

        Raises:
            RecordingError: What it writes to failed.
        """
