"""How far an artifact's pictures are from those of the network that it was made from, and the gate for them."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from cmdfc.data.pairs import Pair
from cmdfc.metrics import gray_from_bgr
from cmdfc.metrics.ssim import ssim
from irvis.engine import Engine, Parity
from irvis.errors import ParityError
from irvis.frame import Pixels

IDENTICAL_DB = 99.0
"""Stands for the infinite PSNR of equal pictures."""


class Gate(NamedTuple):
    """What an artifact has to reach on its worst pair."""

    psnr_db: float
    labels_equal: float


class Finding(NamedTuple):
    """The figures, and the pairs that are worst."""

    parity: Parity
    worst_picture: Pair
    worst_labels: Pair


GATES = {
    "fp32": Gate(45.0, 0.995),
    "fp16": Gate(45.0, 0.995),
    "bf16": Gate(45.0, 0.995),
    "int8": Gate(40.0, 0.985),
}
"""By precision."""
ADVICE = {
    "fp32": "the conversion changed the network",
    "fp16": "try --precision bf16, which has the range of fp32",
    "bf16": "try --precision fp16, which tells finer steps apart",
    "int8": "try --pairs with pictures like those to come, or another --precision",
}


def measure(artifact: Engine, network: Engine, pairs: Iterable[Pair]) -> Finding:
    """Compare an artifact with the network.

    Args:
        artifact: What was made.
        network: What it was made from.
        pairs: At least one.

    Returns:
        The worst figures over the pairs.
    """
    pictures: list[tuple[float, float, Pair]] = []
    labels: list[tuple[float, Pair]] = []
    for pair in pairs:
        (fused, found), (wanted, wanted_labels) = (_fused(engine, pair) for engine in (artifact, network))
        likeness = ssim(gray_from_bgr(fused), gray_from_bgr(wanted), data_range=255)
        pictures.append((psnr(fused, wanted), likeness, pair))
        labels.append((float((found == wanted_labels).mean()), pair))
    worst_db, _, worst_picture = min(pictures, key=lambda row: row[0])
    worst_share, worst_labels = min(labels, key=lambda row: row[0])
    parity = Parity(
        pairs=len(pictures),
        psnr_db=round(worst_db, 2),
        labels_equal=round(worst_share, 5),
        ssim=round(min(likeness for _, likeness, _ in pictures), 5),
        measured_on=f"{artifact.runtime} {artifact.device} {artifact.precision}",
    )
    return Finding(parity, worst_picture, worst_labels)


def _fused(engine: Engine, pair: Pair) -> tuple[Pixels, Pixels]:
    """A pair fused; so often at once as the artifact at least takes."""
    target = engine.manifest.target
    least = target.batch[0] if target else 1
    fused, labels = engine.fuse_batch(*(np.stack([image] * least) for image in (pair.visible, pair.infrared)))
    return fused[-1], labels[-1]


def passes(parity: Parity, precision: str) -> bool:
    """Whether the figures reach the gate of a precision."""
    gate = GATES[precision]
    return parity.psnr_db >= gate.psnr_db and parity.labels_equal >= gate.labels_equal


def check(finding: Finding, what: str, precision: str, layer: str | None = None) -> None:
    """Refuse an artifact that disagrees.

    Args:
        finding: Of `measure`.
        what: For the message.
        precision: Whose gate it has to pass.
        layer: The layer that differs most, where it is known.

    Raises:
        ParityError: A figure is below its gate.
    """
    if passes(finding.parity, precision):
        return
    gate, parity = GATES[precision], finding.parity
    where = f"; the layer that differs most is {layer}" if layer else ""
    raise ParityError(
        f"{what}: the fused picture is {parity.psnr_db} dB from the network's on pair "
        f"{finding.worst_picture.name} (expected {gate.psnr_db} or more) and {parity.labels_equal:.2%} of labels "
        f"are equal on pair {finding.worst_labels.name} (expected {gate.labels_equal:.1%} or more){where}; "
        f"nothing was written: {ADVICE[precision]}, or take it as it is with --allow-loss"
    )


def psnr(one: Pixels, other: Pixels) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures [dB], 99 at the most.

    Example:
        >>> round(psnr(np.zeros((2, 2), np.uint8), np.ones((2, 2), np.uint8)), 2)
        48.13
    """
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return min(IDENTICAL_DB, 10 * float(np.log10(255**2 / error))) if error else IDENTICAL_DB
