"""The one uint8 graph, traced as a program of any size and batch."""

import torch
from torch.export import Dim, ExportedProgram

from cmdfc.model import FusionSegmentation

LARGEST_SIDE_PX = 8192
LARGEST_BATCH = 64


def trace(model: FusionSegmentation) -> ExportedProgram:
    """Trace the graph for every batch and for every size that is a multiple of the model's `size_multiple`."""
    multiple = model.size_multiple
    count = Dim("count", min=1, max=LARGEST_BATCH)
    rows = Dim("rows", min=1, max=LARGEST_SIDE_PX // multiple)
    columns = Dim("columns", min=1, max=LARGEST_SIDE_PX // multiple)
    height, width = multiple * rows, multiple * columns
    # Sides and batch of the example are unlike each other and unlike one, so that none is taken for a constant.
    example = (
        torch.zeros(2, 3 * multiple, 4 * multiple, 3, dtype=torch.uint8),
        torch.zeros(2, 3 * multiple, 4 * multiple, dtype=torch.uint8),
    )
    shapes = ({0: count, 1: height, 2: width}, {0: count, 1: height, 2: width})
    return torch.export.export(model, example, dynamic_shapes=shapes, strict=False)
