"""The manifest that every artifact carries, and the check of an artifact's bytes against it."""

import hashlib
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from ..config import Section
from ..errors import EngineError
from .shapes import Shapes

MANIFEST_SUFFIX = ".json"
COMPANIONS = {".xml": ".bin"}
"""Formats in two files: the suffix of the artifact -> of the file with its weights."""


class Parity(Section):
    """How an artifact agrees with the network that it was made from."""

    pairs: int
    """Image pairs compared."""
    psnr_db: float
    """Lowest PSNR of the fused pictures [dB]."""
    labels_equal: float
    """Lowest share of equal labels, 0 to 1."""
    ssim: float | None = None
    """Lowest structural similarity of the fused pictures; None in artifacts older than the figure."""
    measured_on: str = ""
    """What ran the artifact for it: runtime, device and precision."""


class Target(Shapes):
    """What a compiled artifact was built for; it runs nowhere else."""

    library: Literal["tensorrt", "tensorrt_rtx", "torch_tensorrt"]
    """Which one built it."""
    version: str
    """Of that library; another one refuses the artifact."""
    version_compatible: bool = False
    """Whether later versions of that library run it too."""
    devices: list[str]
    """Compute capabilities, for example sm89."""
    layers: dict[str, int] = Field(default_factory=dict)
    """Layers of the network that was compiled, by the precision of what they give."""
    engine_layers: dict[str, int] | None = None
    """Layers of the compiled engine by the type of what they give, as its inspector tells; `none` give nothing,
    they wait for others."""
    gflop: float | None = None
    """Work of a frame of the usual size in convolutions, a multiply-add counted as two."""


class Manifest(Section):
    """What an artifact is; a JSON file beside it, checked before it is loaded."""

    version: int = Field(default=1, ge=1, le=1)
    """Of the manifest's format."""
    name: str
    """The artifact's name, for example cmdfc-nano."""
    kind: str
    """Its format: onnx, openvino, tensorrt or torch_tensorrt."""
    network: str
    """What it computes, for example `CMDFC nano, quarter resolution, 24 channels`."""
    artifact_sha256: str
    """Of the artifact file's bytes, followed by those of its weights' file where it has one."""
    weights_sha256: str
    """Of the trained weights; where two artifacts were joined, of their two digests."""
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
    loss_allowed: str | None = None
    """Why it was written although it disagrees, where `--allow-loss` was given."""
    parent_sha256: str | None = None
    """Of the ONNX artifact that it was compiled from."""
    target: Target | None = None
    """What it was compiled for; None where it runs on any processor."""

    @property
    def arithmetic(self) -> str:
        """What a graph computes in, whatever its weights are stored as: fp32 for example."""
        return self.precision.partition(" ")[0]


class Artifact(NamedTuple):
    """An artifact whose bytes are what its manifest says; runtimes are shown these bytes and not the file.

    Attributes:
        path: Where it came from.
        manifest: Beside it.
        data: The file's bytes.
        weights: Of its weights' file; empty for formats of one file.
    """

    path: Path
    manifest: Manifest
    data: bytes
    weights: bytes = b""


def read_artifact(path: Path) -> Artifact:
    """Read an artifact and its manifest, and check one against the other, before any runtime sees it.

    Raises:
        EngineError: The artifact or its manifest is missing or unreadable, or the artifact was changed.
    """
    beside = path.with_suffix(MANIFEST_SUFFIX)
    companion = COMPANIONS.get(path.suffix)
    try:
        data, text = path.read_bytes(), beside.read_text(encoding="utf-8")
        weights = path.with_suffix(companion).read_bytes() if companion else b""
    except (OSError, UnicodeDecodeError) as exc:
        raise EngineError(
            f"{path}: can't be read ({exc}); an artifact is a graph with its {MANIFEST_SUFFIX} manifest "
            "beside it, `irvis export` writes both"
        ) from exc
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise EngineError(
            f"{beside}: {where}: {first['msg']}: it is damaged or of another irvis; run `irvis export` again"
        ) from exc
    digest = sha256_of(data, weights)
    if digest != manifest.artifact_sha256:
        raise EngineError(
            f"{path}: sha256 {digest[:12]} but its manifest says {manifest.artifact_sha256[:12]}: the file is "
            "damaged or of another export; run `irvis export` again"
        )
    return Artifact(path, manifest, data, weights)


def write_artifact(artifact: Artifact) -> None:
    """Write an artifact's files, the manifest last: what has a manifest is whole.

    Raises:
        EngineError: The folder can't be written to.
    """
    beside = artifact.path.with_suffix(MANIFEST_SUFFIX)
    text = artifact.manifest.model_dump_json(indent=2, exclude_none=True) + "\n"
    try:
        artifact.path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        artifact.path.write_bytes(artifact.data)
        if companion := COMPANIONS.get(artifact.path.suffix):
            artifact.path.with_suffix(companion).write_bytes(artifact.weights)
        beside.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise EngineError(
            f"{artifact.path}: can't be written ({exc.strerror}): expected a folder of yours with space left"
        ) from exc


def sha256_of(data: bytes, weights: bytes = b"") -> str:
    """The digest that a manifest carries."""
    digest = hashlib.sha256(data)
    digest.update(weights)
    return digest.hexdigest()
