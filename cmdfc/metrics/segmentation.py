"""IoU and mIoU: how well a segmenter finds the classes in the fused pictures.

Everingham et al., "The PASCAL visual object classes challenge: a retrospective", International
Journal of Computer Vision 111 (2015): pixels are counted over the whole data set first, and
divided once.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer[Any]]


class ConfusionMatrix:
    """Counts of pixels by true class (rows) and predicted class (columns), over many pictures.

    Example:
        >>> confusion = ConfusionMatrix(3)
        >>> confusion.add(np.array([[0, 0, 1, 1]]), truth=np.array([[0, 1, 1, 255]]))
        >>> confusion.counts.tolist()
        [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
        >>> confusion.iou()
        array([0.5, 0.5, nan])
        >>> confusion.miou()
        0.5
    """

    def __init__(self, classes: int, *, ignore: int | None = 255) -> None:
        """Start with no pixel counted.

        Args:
            classes: how many there are; their labels are 0..classes-1.
            ignore: the true label of pixels to leave out, or None where each has a class.

        Raises:
            ValueError: no classes, or `ignore` is one of them.
        """
        if classes < 1:
            raise ValueError(f"expected at least one class, got {classes}")
        if ignore is not None and 0 <= ignore < classes:
            raise ValueError(f"expected a label to ignore outside the classes 0..{classes - 1}, got {ignore}")
        self.classes = classes
        self.ignore = ignore
        self.counts: NDArray[np.int64] = np.zeros((classes, classes), np.int64)

    def add(self, predicted: Labels, truth: Labels) -> None:
        """Count the pixels of a picture, or of a batch.

        Args:
            predicted: any shape, integer labels 0..classes-1 (any label where truth is ignored).
            truth: the same shape, integer labels 0..classes-1 or `ignore`.

        Raises:
            ValueError: different shapes, labels that are not integers, or a label of no class; then
                nothing is counted.
        """
        if predicted.shape != truth.shape:
            raise ValueError(f"expected labels of the truth's shape {truth.shape}, got {predicted.shape}")
        for name, labels in (("predicted", predicted), ("true", truth)):
            if not np.issubdtype(labels.dtype, np.integer):
                raise ValueError(f"expected integer {name} labels, got {labels.dtype}")
        if self.ignore is not None:
            counted = truth != self.ignore
            predicted, truth = predicted[counted], truth[counted]
        if truth.size == 0:
            return
        for name, labels in (("predicted", predicted), ("true", truth)):
            low, high = labels.min(), labels.max()
            if low < 0 or high >= self.classes:
                raise ValueError(f"expected {name} labels in 0..{self.classes - 1}, got {low}..{high}")
        cells = truth.astype(np.int64).ravel() * self.classes + predicted.astype(np.int64).ravel()
        self.counts += np.bincount(cells, minlength=self.classes**2).reshape(self.counts.shape)

    def iou(self) -> NDArray[np.float64]:
        """Give each class's intersection over union.

        Returns:
            (classes,) 0..1; NaN for a class that is neither in the truth nor predicted.
        """
        intersection = np.diag(self.counts).astype(np.float64)
        union = self.counts.sum(axis=0) + self.counts.sum(axis=1) - np.diag(self.counts)
        iou = np.full(self.classes, np.nan)
        np.divide(intersection, union, out=iou, where=union > 0)
        return iou

    def miou(self) -> float:
        """Give the mean IoU over the classes seen, absent ones left out; NaN before any pixel.

        A class that is in the truth and never predicted, or the reverse, counts as 0.
        """
        seen = self.iou()
        seen = seen[~np.isnan(seen)]
        return float(seen.mean()) if seen.size else math.nan
