"""Checkpoints: everything that a training needs to go on, and a network needs to be built again."""

import pickle
from pathlib import Path
from typing import Any

import torch

from irvis.errors import DataError

Checkpoint = dict[str, Any]
"""Plain containers and tensors: `kind`, `network` (its configuration), `weights`, and the training's own state."""


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint so that a crash leaves either the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(checkpoint, partial)
    partial.replace(path)


def load(path: Path, kind: str | None = None) -> Checkpoint:
    """Read a checkpoint; nothing but containers and tensors is ever unpickled.

    Args:
        path: The file.
        kind: `fusion` or `segmentation`, where only one will do.

    Raises:
        DataError: The file is missing, is not a checkpoint, or is of another kind.
    """
    try:
        checkpoint: Checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        found = checkpoint["kind"]
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, KeyError, TypeError) as exc:
        raise DataError(f"{path}: not a checkpoint of `irvis train` ({str(exc).splitlines()[0]})") from exc
    if kind is not None and found != kind:
        raise DataError(f"{path}: a {found} checkpoint; expected a {kind} one")
    return checkpoint
