"""What every engine promises."""

from abc import ABC, abstractmethod

import cv2
import numpy as np

from ..errors import EngineError
from ..frame import Pixels
from .manifest import Manifest
from .pool import OutputPool

_PADDED = OutputPool()


class Engine(ABC):
    """A loaded network.

    Attributes:
        manifest: Of the artifact that it loaded.
        kind: Its name in `irvis.engine.ENGINES`.
        runtime: Library and version.
        device: What it runs on.
        precision: Of its arithmetic.
        streams: How many callers may be in `infer` and `fuse` at once; for more it makes the others wait.
        choice: One sentence: why this engine runs and no other.
    """

    manifest: Manifest
    kind: str
    runtime: str
    device: str
    precision: str
    streams: int = 1
    choice: str = ""

    @abstractmethod
    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the graph itself on a batch whose sides are multiples of the manifest's `size_multiple`.

        Args:
            visible: (N, H, W, 3) BGR uint8.
            infrared: (N, H, W) uint8.

        Returns:
            The fused pictures (N, H, W, 3) BGR uint8 and the labels (N, H, W) uint8.

        Raises:
            EngineError: The runtime failed.
        """

    def fuse(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Fuse one pair of any size.

        Args:
            visible: (H, W, 3) BGR uint8.
            infrared: (H, W) uint8, aligned onto the visible.

        Returns:
            The fused picture (H, W, 3) BGR uint8 and the labels (H, W) uint8.

        Raises:
            EngineError: The shapes disagree, or the runtime failed.
        """
        height, width = infrared.shape[:2]
        if visible.shape != (height, width, 3) or infrared.ndim != 2:
            raise EngineError(
                f"visible {visible.shape} and infrared {infrared.shape}: expected (H, W, 3) and (H, W)"
            )
        fused, labels = self.fuse_batch(visible[np.newaxis], infrared[np.newaxis])
        return fused[0], labels[0]

    def fuse_batch(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Fuse pairs of any one size, all at once.

        Args:
            visible: (N, H, W, 3) BGR uint8.
            infrared: (N, H, W) uint8, aligned onto the visible.

        Returns:
            The fused pictures (N, H, W, 3) BGR uint8 and the labels (N, H, W) uint8.

        Raises:
            EngineError: The runtime failed, or takes no such batch.
        """
        height, width = infrared.shape[1:]
        multiple = self.manifest.size_multiple
        bottom, right = -height % multiple, -width % multiple
        if bottom or right:
            visible, infrared = (_padded(images, bottom, right) for images in (visible, infrared))
        fused, labels = self.infer(visible, infrared)
        return fused[:, :height, :width], labels[:, :height, :width]

    @property
    def fingerprint(self) -> str:
        """One line that tells this engine from every other: artifact, weights, runtime, device, precision."""
        return (
            f"{self.manifest.name}@{self.manifest.weights_sha256[:12]} {self.runtime} "
            f"{self.device} {self.precision}"
        )


def _padded(images: Pixels, bottom: int, right: int) -> Pixels:
    """Images (N, H, W, ...) with their lower and right edges mirrored outwards by so much [px]."""
    count, height, width, *channels = images.shape
    padded = _PADDED.take((count, height + bottom, width + right, *channels))
    for image, larger in zip(images, padded, strict=True):
        cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT_101, dst=larger)
    return padded
