"""What every engine promises, and the manifest that every artifact carries."""

import hashlib
from abc import ABC, abstractmethod
from pathlib import Path

import cv2
import numpy as np
from pydantic import Field, ValidationError

from ..config import Section
from ..errors import EngineError
from ..frame import Pixels

MANIFEST_SUFFIX = ".json"


class Parity(Section):
    """How an artifact agrees with the network that it was made from."""

    pairs: int
    """Image pairs compared."""
    psnr_db: float
    """Lowest PSNR of the fused pictures [dB]."""
    labels_equal: float
    """Lowest share of equal labels, 0 to 1."""


class Manifest(Section):
    """What an artifact is; a JSON file beside it, checked before it is loaded."""

    version: int = Field(default=1, ge=1, le=1)
    """Of the manifest's format."""
    name: str
    """The artifact's name, for example cmdfc-nano."""
    kind: str
    """Its format: onnx."""
    network: str
    """What it computes, for example `CMDFC nano, quarter resolution, 24 channels`."""
    artifact_sha256: str
    """Of the artifact file's bytes."""
    weights_sha256: str
    """Of the trained weights."""
    classes: list[str]
    """Names of the label ids, in order."""
    size_multiple: int = Field(gt=0)
    """Widths and heights must be a multiple of this [px]; engines pad and crop."""
    precision: str
    """Of the stored weights and of the graph's arithmetic."""
    opset: int
    """ONNX operator set."""
    parity: Parity | None = None
    """Agreement with the network; None where it was not measured."""


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
        multiple = self.manifest.size_multiple
        bottom, right = -height % multiple, -width % multiple
        if bottom or right:
            visible, infrared = (
                cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT_101).astype(np.uint8, copy=False)
                for image in (visible, infrared)
            )
        fused, labels = self.infer(visible[np.newaxis], infrared[np.newaxis])
        return fused[0, :height, :width], labels[0, :height, :width]

    @property
    def fingerprint(self) -> str:
        """One line that tells this engine from every other: artifact, weights, runtime, device, precision."""
        return (
            f"{self.manifest.name}@{self.manifest.weights_sha256[:12]} {self.runtime} "
            f"{self.device} {self.precision}"
        )


def read_manifest(artifact: Path) -> Manifest:
    """Read the manifest beside an artifact and check the artifact against it.

    Raises:
        EngineError: The artifact or its manifest is missing or unreadable, or the artifact was changed.
    """
    path = artifact.with_suffix(MANIFEST_SUFFIX)
    try:
        data, text = artifact.read_bytes(), path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise EngineError(
            f"{artifact}: can't be read ({exc}); an artifact is a graph with its {MANIFEST_SUFFIX} manifest "
            "beside it, `irvis export` writes both"
        ) from exc
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise EngineError(f"{path}: {where}: {first['msg']}; run `irvis export` again") from exc
    digest = hashlib.sha256(data).hexdigest()
    if digest != manifest.artifact_sha256:
        raise EngineError(
            f"{artifact}: sha256 {digest[:12]} but its manifest says {manifest.artifact_sha256[:12]}: the file is "
            "damaged or of another export; run `irvis export` again"
        )
    return manifest
