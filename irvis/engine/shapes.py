"""The frames that a compiled artifact is for: their sizes, and how many at once."""

from ..config import Section

Size = tuple[int, int]
"""Width and height [px]."""


class Shapes(Section):
    """For which frames an artifact is compiled."""

    smallest: Size
    """Least width and height [px]."""
    usual: Size
    """Width and height that it is fastest at [px]."""
    largest: Size
    """Greatest width and height [px]."""
    batch: tuple[int, int] = (1, 1)
    """Least and greatest number of pictures at once."""

    @classmethod
    def only(cls, size: Size, count: int = 1) -> "Shapes":
        """Frames of one size and batch."""
        return cls(smallest=size, usual=size, largest=size, batch=(count, count))

    def __str__(self) -> str:
        """As people write them.

        Example:
            >>> str(Shapes(smallest=(320, 240), usual=(640, 480), largest=(1920, 1080), batch=(1, 8)))
            '1 to 8 pictures of 320x240 to 1920x1080'
            >>> str(Shapes.only((640, 480)))
            '1 picture of 640x480'
        """
        least, most = self.batch
        counts = f"{least} to {most}" if least < most else str(least)
        ends = [text(self.smallest), text(self.largest)]
        return f"{counts} picture{'s' if most > 1 else ''} of {' to '.join(dict.fromkeys(ends))}"

    def take(self, size: Size, count: int, multiple: int) -> bool:
        """Whether so many frames of a size are among them, once padded to the network's multiple [px]."""
        least, most, padded = (rounded(each, multiple) for each in (self.smallest, self.largest, size))
        sizes_fit = all(low <= side <= high for low, side, high in zip(least, padded, most, strict=True))
        return sizes_fit and self.batch[0] <= count <= self.batch[1]


def rounded(size: Size, multiple: int) -> Size:
    """A size as the network meets it, padded to its multiple [px].

    Example:
        >>> rounded((1920, 1080), 32)
        (1920, 1088)
    """
    return size[0] + -size[0] % multiple, size[1] + -size[1] % multiple


def text(size: Size) -> str:
    """A size as people write it."""
    return f"{size[0]}x{size[1]}"
