"""The one uint8 graph, traced at one size; `export.sizes` then frees its batch and sides.

Tracing with symbolic sides gives the same graph, and takes five times as long: every layer's shape is proved anew.
"""

import math

import torch
from torch.export import ExportedProgram

from cmdfc.model import FusionSegmentation

from .sizes import Sides

_PRIMES = (11, 13, 17, 19, 23, 29, 31, 37, 41)


def trace(model: FusionSegmentation) -> tuple[ExportedProgram, Sides]:
    """Trace the graph at sides that no number inside the network is mistaken for.

    Returns:
        The program, and the batch, height and width that it was traced at: distinct primes, the sides times the
        model's `size_multiple`, none of them a divisor of any of the network's own sizes.
    """
    own = math.prod({side for tensor in model.state_dict().values() for side in tensor.shape if side})
    count, rows, columns = [prime for prime in _PRIMES if own % prime][:3]
    height, width = rows * model.size_multiple, columns * model.size_multiple
    example = (
        torch.empty(count, height, width, 3, dtype=torch.uint8),
        torch.empty(count, height, width, dtype=torch.uint8),
    )
    return torch.export.export(model, example, strict=False), Sides((count, height, width), (count, rows, columns))
