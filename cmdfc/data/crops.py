"""Random crops of luma and infrared for fusion training: a pure function of seed and step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irvis.errors import DataError
from irvis.frame import Pixels

from ..settings import DataShare, Schedule, SyntheticShare
from .pairs import Pair, PairFolder
from .synthetic import synthetic_pairs


@dataclass(frozen=True, slots=True, eq=False)
class LumaPairs:
    """Luma and infrared of many pairs in memory; `share` is how often a crop comes from here."""

    luma: list[Pixels]
    infrared: list[Pixels]
    share: float

    @classmethod
    def read(cls, folder: PairFolder, share: float, smallest: int) -> "LumaPairs":
        """Read a whole folder.

        Raises:
            DataError: A file can't be used, or is smaller than `smallest` [px] on a side.
        """
        read = cls.of(folder, share)
        for name, infrared in zip(folder.names, read.infrared, strict=True):
            if min(infrared.shape) < smallest:
                raise DataError(f"{folder.root}: {name} is {infrared.shape}, smaller than a crop ({smallest})")
        return read

    @classmethod
    def of(cls, pairs: Iterable[Pair], share: float) -> "LumaPairs":
        """Take pairs into memory."""
        pairs = list(pairs)
        luma = [cv2.cvtColor(p.visible, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False) for p in pairs]
        return cls(luma, [p.infrared for p in pairs], share)


class CropSampler:
    """Batches of square crops, flipped at random.

    Args:
        sources: Where crops come from.
        crop: Side of a crop [px].
        batch: Crops in a batch.
        seed: With the step it decides everything, so that a resumed training sees what it would have seen.
    """

    def __init__(self, sources: Sequence[LumaPairs], crop: int, batch: int, seed: int) -> None:
        self._sources = sources
        self._crop = crop
        self._batch = batch
        self._seed = seed
        shares = np.array([source.share for source in sources])
        self._shares = shares / shares.sum()

    @classmethod
    def of(cls, shares: Sequence[DataShare | SyntheticShare], data: Path, schedule: Schedule) -> "CropSampler":
        """Crops of the folders below `data`, and of the synthetic street.

        Raises:
            DataError: A folder can't be used.
        """
        sources = [
            LumaPairs.of(synthetic_pairs(one.synthetic), one.share)
            if isinstance(one, SyntheticShare)
            else LumaPairs.read(PairFolder(data / one.folder), one.share, schedule.crop)
            for one in shares
        ]
        return cls(sources, schedule.crop, schedule.batch, schedule.seed)

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Luma and infrared of a step's crops, (B, 1, crop, crop) each in 0..1."""
        rng = np.random.default_rng((self._seed, step))
        crops = [self._draw(rng) for _ in range(self._batch)]
        stacked = np.stack(crops).astype(np.float32) / 255
        luma, infrared = torch.from_numpy(stacked).unsqueeze(2).unbind(1)
        return luma, infrared

    def _draw(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        source = self._sources[rng.choice(len(self._sources), p=self._shares)]
        index = int(rng.integers(len(source.luma)))
        height, width = source.luma[index].shape
        top = int(rng.integers(height - self._crop + 1))
        left = int(rng.integers(width - self._crop + 1))
        window = np.s_[top : top + self._crop, left : left + self._crop]
        pair = np.stack([source.luma[index][window], source.infrared[index][window]])
        if rng.random() < 0.5:
            pair = pair[:, :, ::-1]
        return pair
