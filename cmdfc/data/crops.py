"""Random crops of luma and infrared for fusion training: a pure function of seed and step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irvis.errors import DataError
from irvis.frame import Pixels

from .pairs import PairFolder

Levels: TypeAlias = NDArray[np.float32]
"""(3, crop, crop) in 0..1: luma, infrared, warmth."""

GAINS = (0.7, 1.3)
OFFSETS = (-0.05, 0.4)


class Crops(NamedTuple):
    """A batch, (B, 1, crop, crop) each, in 0..1.

    Attributes:
        luma: Of the visible picture.
        infrared: As the network sees it.
        warmth: The infrared above the ambient level of its whole picture: what the fused picture owes it.
    """

    luma: Tensor
    infrared: Tensor
    warmth: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class LumaPairs:
    """Luma, infrared and its ambient level of many pairs in memory; `share` is how often a crop comes from here."""

    luma: list[Pixels]
    infrared: list[Pixels]
    ambient: list[float]
    share: float

    @classmethod
    def read(cls, folder: PairFolder, share: float, smallest: int, ambient_percentile: float = 0.0) -> "LumaPairs":
        """Read a whole folder.

        Args:
            folder: The pairs.
            share: How often a crop comes from here.
            smallest: Least side of a picture [px].
            ambient_percentile: Of a picture's infrared levels, the one that counts as ambient; 0 is black.

        Raises:
            DataError: A file can't be used, or is smaller than `smallest` on a side.
        """
        pairs = [folder[i] for i in range(len(folder))]
        for pair in pairs:
            if min(pair.infrared.shape) < smallest:
                raise DataError(
                    f"{folder.root}: {pair.name} is {pair.infrared.shape}, smaller than a crop ({smallest})"
                )
        luma = [cv2.cvtColor(p.visible, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False) for p in pairs]
        levels = [
            float(np.percentile(p.infrared, ambient_percentile)) if ambient_percentile else 0.0 for p in pairs
        ]
        return cls(luma, [p.infrared for p in pairs], levels, share)


class CropSampler:
    """Batches of square crops, flipped at random.

    Args:
        sources: Where crops come from.
        crop: Side of a crop [px].
        batch: Crops in a batch.
        seed: With the step it decides everything, so that a resumed training sees what it would have seen.
        exposures: Show the network the infrared at random gains and offsets, as cameras' gain controls do.
    """

    def __init__(
        self, sources: Sequence[LumaPairs], crop: int, batch: int, seed: int, exposures: bool = False
    ) -> None:
        self._sources = sources
        self._crop = crop
        self._batch = batch
        self._seed = seed
        self._exposures = exposures
        shares = np.array([source.share for source in sources])
        self._shares = shares / shares.sum()

    def batch(self, step: int) -> Crops:
        """The crops of a step."""
        rng = np.random.default_rng((self._seed, step))
        stacked = torch.from_numpy(np.stack([self._draw(rng) for _ in range(self._batch)]))
        return Crops(*stacked.unsqueeze(2).unbind(1))

    def _draw(self, rng: np.random.Generator) -> Levels:
        source = self._sources[rng.choice(len(self._sources), p=self._shares)]
        index = int(rng.integers(len(source.luma)))
        height, width = source.luma[index].shape
        top = int(rng.integers(height - self._crop + 1))
        left = int(rng.integers(width - self._crop + 1))
        window = np.s_[top : top + self._crop, left : left + self._crop]
        pair = np.stack([source.luma[index][window], source.infrared[index][window]])
        if rng.random() < 0.5:
            pair = pair[:, :, ::-1]
        luma, infrared = pair.astype(np.float32) / 255
        warmth = np.maximum(infrared - source.ambient[index] / 255, 0)
        if self._exposures:
            gain, offset = rng.uniform(*GAINS), rng.uniform(*OFFSETS)
            infrared = (infrared * gain + offset).clip(0, 1)
            warmth = (warmth * gain).clip(0, 1)
        return np.stack([luma, infrared, warmth]).astype(np.float32, copy=False)
