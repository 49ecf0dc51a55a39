"""How far an artifact's pictures are from the network's that it was made from."""

from collections.abc import Iterable

import numpy as np

from irvis.engine import Engine, Parity
from irvis.errors import ParityError
from irvis.frame import Pixels

PSNR_FLOOR_DB = 45.0
LABELS_FLOOR = 0.995
IDENTICAL_DB = 99.0
"""Stands for the infinite PSNR of equal pictures."""


def measure(artifact: Engine, network: Engine, pairs: Iterable[tuple[Pixels, Pixels]]) -> Parity:
    """Compare an artifact with the network on pairs of visible (H, W, 3) and infrared (H, W).

    Returns:
        The worst figures over the pairs.
    """
    count, psnr_db, equal = 0, IDENTICAL_DB, 1.0
    for visible, infrared in pairs:
        (fused, labels), (wanted, wanted_labels) = (
            engine.fuse(visible, infrared) for engine in (artifact, network)
        )
        psnr_db = min(psnr_db, psnr(fused, wanted))
        equal = min(equal, float((labels == wanted_labels).mean()))
        count += 1
    return Parity(pairs=count, psnr_db=round(psnr_db, 2), labels_equal=round(equal, 5))


def check(parity: Parity, what: str) -> None:
    """Refuse an artifact that disagrees.

    Raises:
        ParityError: A figure is below its floor.
    """
    if parity.psnr_db < PSNR_FLOOR_DB or parity.labels_equal < LABELS_FLOOR:
        raise ParityError(
            f"{what}: on the worst of {parity.pairs} pairs the fused picture is {parity.psnr_db} dB from the "
            f"network's (expected {PSNR_FLOOR_DB} or more) and {parity.labels_equal:.2%} of labels are equal "
            f"(expected {LABELS_FLOOR:.1%} or more); nothing was written, the conversion changed the network"
        )


def psnr(one: Pixels, other: Pixels) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures [dB], 99 at the most.

    Example:
        >>> round(psnr(np.zeros((2, 2), np.uint8), np.ones((2, 2), np.uint8)), 2)
        48.13
    """
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return min(IDENTICAL_DB, 10 * float(np.log10(255**2 / error))) if error else IDENTICAL_DB
