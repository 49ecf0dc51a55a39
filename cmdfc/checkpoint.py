"""Checkpoints: everything that a training needs to go on, and a network needs to be built again."""

import pickle
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from irvis.errors import DataError

NetworkT = TypeVar("NetworkT", bound=nn.Module)

Checkpoint = dict[str, Any]
"""Plain containers and tensors: `kind`, `network` (its configuration), `weights`, and the training's own state;
once read, also `file`."""

PARTS = ("fusion", "segmentation")
"""What a joint checkpoint is made of."""


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
        kind: `fusion` or `segmentation`, where only one will do; a joint checkpoint holds both.

    Raises:
        DataError: The file is missing, is not a checkpoint, or is of another kind.
    """
    try:
        checkpoint: Checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        found = checkpoint["kind"]
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, KeyError, TypeError) as exc:
        raise DataError(f"{path}: not a checkpoint of `irvis train` ({str(exc).splitlines()[0]})") from exc
    checkpoint["file"] = str(path)
    if kind in PARTS and found == "joint":
        return _part(checkpoint, kind)
    if kind is not None and found != kind:
        raise DataError(f"{path}: a {found} checkpoint; expected a {kind} one")
    return checkpoint


def start(network: nn.Module, path: Path, kind: str) -> None:
    """Give a network the averaged weights of a checkpoint.

    Raises:
        DataError: The file can't be used, or its network has other widths.
    """
    try:
        network.load_state_dict(load(path, kind)["weights"])
    except RuntimeError as exc:
        raise DataError(f"{path}: its {kind} network has other widths than the configuration's") from exc


def rebuilt(network: type[NetworkT], config: type[Any], checkpoint: Checkpoint) -> NetworkT:
    """The network of a checkpoint, with its averaged weights, ready to run.

    Args:
        network: Its class, made from its configuration alone.
        config: Its configuration's class.
        checkpoint: As read.

    Raises:
        DataError: It is of a network as another version of irvis builds it.
    """
    try:
        built = network(config(**checkpoint["network"]))
        built.load_state_dict(checkpoint["weights"])
    except (TypeError, RuntimeError) as exc:
        raise DataError(
            f"{checkpoint.get('file', 'checkpoint')}: its network is built as in another version of irvis; "
            "train it again, or use that version"
        ) from exc
    return built.eval()


def _part(checkpoint: Checkpoint, kind: str) -> Checkpoint:
    prefix = f"{kind}."
    weights = {k.removeprefix(prefix): v for k, v in checkpoint["weights"].items() if k.startswith(prefix)}
    return checkpoint | {"kind": kind, "network": checkpoint["network"][kind], "weights": weights}
