"""Fusion and segmentation metrics, one file each; `table` holds the fusion metrics together."""

from .images import Gray, gray_from_bgr
from .segmentation import ConfusionMatrix
from .table import COLUMNS, METRICS, Metric, evaluate_pair, mean_over_pairs
from .trivial import TRIVIAL

__all__ = [
    "COLUMNS",
    "METRICS",
    "TRIVIAL",
    "ConfusionMatrix",
    "Gray",
    "Metric",
    "evaluate_pair",
    "gray_from_bgr",
    "mean_over_pairs",
]
