"""Labelled pictures for the segmenter: cropped, scaled, flipped and recoloured, since there are only 200."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import torch
from torch import Tensor

from irvis.engine import Engine
from irvis.frame import Pixels

from ..losses.semantic import IGNORED
from .furniture import draw_furniture
from .pairs import Pair

SCALES = (0.6, 1.8)
"""Smallest and largest enlargement of a crop."""
RARE_SHARE = 0.5
"""Share of crops that are centred on a pixel of a class drawn evenly, so that cones are seen as often as roads."""
PASTED_SHARE = 0.5
"""Share of crops into which the labelled things of another are pasted (Ghiasi et al., CVPR 2021)."""


PictureName = Literal["fused", "visible", "infrared", "pair"]
"""What is learnt from: the fused picture, one camera's, or both cameras' as four channels."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPairs:
    """Pictures (H, W, 3) BGR uint8, or (H, W, 4) BGR and infrared, and their labels (H, W) uint8."""

    pictures: list[Pixels]
    labels: list[Pixels]

    @classmethod
    def of(cls, pairs: Iterable[Pair], picture: PictureName, engine: Engine | None) -> "LabelledPairs":
        """Take labelled pairs into memory, fused by the engine where fused ones are wanted."""
        pictures, labels = [], []
        for pair in pairs:
            if pair.labels is not None:
                pictures.append(_picture_of(pair, picture, engine))
                labels.append(pair.labels)
        return cls(pictures, labels)


def _picture_of(pair: Pair, picture: PictureName, engine: Engine | None) -> Pixels:
    if picture == "pair":
        return np.dstack([pair.visible, pair.infrared])
    if picture == "infrared":
        return np.repeat(pair.infrared[..., np.newaxis], 3, axis=2)
    if picture == "visible" or engine is None:
        return pair.visible
    fused, _ = engine.fuse(pair.visible, pair.infrared)
    return fused


class LabelledSampler:
    """Augmented batches: a pure function of seed and step.

    Args:
        pairs: Pictures and labels.
        crop: Side of a crop [px].
        batch: Crops in a batch.
        seed: With the step it decides everything.
        furnished: Share of the crops into which street furniture is drawn.
    """

    def __init__(self, pairs: LabelledPairs, crop: int, batch: int, seed: int, furnished: float = 0.0) -> None:
        self._pairs = pairs
        self._crop = crop
        self._batch = batch
        self._seed = seed
        self._furnished = furnished
        self._with_class: dict[int, list[int]] = {}
        for index, labels in enumerate(pairs.labels):
            for label in np.unique(labels):
                if label not in (0, IGNORED):
                    self._with_class.setdefault(int(label), []).append(index)

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Pictures (B, C, crop, crop) in 0..255 and labels (B, crop, crop) int64."""
        rng = np.random.default_rng((self._seed, step))
        drawn = [self._draw(rng) for _ in range(self._batch)]
        pictures = torch.from_numpy(np.stack([p for p, _ in drawn]).astype(np.float32)).permute(0, 3, 1, 2)
        labels = torch.from_numpy(np.stack([lab for _, lab in drawn]).astype(np.int64))
        return pictures, labels

    def _draw(self, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
        picture, truth = self._cropped(rng)
        if rng.random() < PASTED_SHARE:
            other, other_truth = self._cropped(rng)
            pasted = (other_truth != 0) & (other_truth != IGNORED)
            picture[pasted], truth[pasted] = other[pasted], other_truth[pasted]
        if self._furnished and rng.random() < self._furnished:
            draw_furniture(picture, truth, rng)
        # Both cameras' exposures belong together: what is yet to be fused keeps its levels.
        return (_recolour(picture, rng) if picture.shape[2] == 3 else picture), truth

    def _cropped(self, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
        index, centre = self._where(rng)
        picture, labels = self._pairs.pictures[index], self._pairs.labels[index]
        scale = float(np.exp(rng.uniform(*np.log(SCALES))))
        # One warp crops, scales and flips; outside the picture the label is ignored.
        shift = rng.uniform(-0.4, 0.4, 2) * self._crop
        mirror = -1.0 if rng.random() < 0.5 else 1.0
        crop_from_picture = np.array(
            [
                [mirror * scale, 0, self._crop / 2 + shift[0] - mirror * scale * centre[0]],
                [0, scale, self._crop / 2 + shift[1] - scale * centre[1]],
            ]
        )
        size = (self._crop, self._crop)
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        cropped = cv2.warpAffine(picture, crop_from_picture, size, flags=smooth, borderMode=cv2.BORDER_REFLECT_101)
        truth = cv2.warpAffine(
            labels,
            crop_from_picture,
            size,
            flags=cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=IGNORED,
        )
        return cropped.astype(np.uint8), truth.astype(np.uint8)

    def _where(self, rng: np.random.Generator) -> tuple[int, tuple[float, float]]:
        if self._with_class and rng.random() < RARE_SHARE:
            label = sorted(self._with_class)[rng.integers(len(self._with_class))]
            index = int(rng.choice(self._with_class[label]))
            rows, columns = np.nonzero(self._pairs.labels[index] == label)
            pixel = int(rng.integers(len(rows)))
            return index, (float(columns[pixel]), float(rows[pixel]))
        index = int(rng.integers(len(self._pairs.pictures)))
        height, width = self._pairs.labels[index].shape
        return index, (float(rng.uniform(0.2, 0.8) * width), float(rng.uniform(0.2, 0.8) * height))


def _recolour(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Change brightness, contrast, saturation and gamma, and sometimes add noise or blur."""
    levels = np.arange(256) / 255
    gamma, contrast, brightness = np.exp(rng.normal(0, 0.3)), np.exp(rng.normal(0, 0.2)), rng.normal(0, 0.08)
    table = ((levels**gamma - 0.5) * contrast + 0.5 + brightness) * 255
    picture = cv2.LUT(picture, table.clip(0, 255).astype(np.uint8)).astype(np.uint8)
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[..., np.newaxis].astype(np.float32)
    mixed = gray + rng.uniform(0.3, 1.5) * (picture - gray)
    if rng.random() < 0.3:
        mixed += rng.normal(0, rng.uniform(2, 10), mixed.shape)
    picture = mixed.clip(0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.5)).astype(np.uint8)
    return picture
