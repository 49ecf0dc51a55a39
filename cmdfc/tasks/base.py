"""What every task has, and what several need."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from irvis.errors import DataError

from ..data.pairs import PairFolder
from ..placement import Placement
from ..settings import DataFolder

NetworkT = TypeVar("NetworkT", bound=nn.Module)


class Task(ABC):
    """A network in training, and what one step of it costs.

    Attributes:
        kind: Of its checkpoints.
        network: What is trained.
        placement: Where, and how finely.
    """

    kind: str
    network: nn.Module
    placement: Placement

    def on_device(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """The tensors where the network is."""
        return tuple(tensor.to(self.placement.device, non_blocking=True) for tensor in tensors)

    @abstractmethod
    def losses(self, step: int) -> Mapping[str, Tensor]:
        """The weighted losses of a step's batch, by name; their sum is minimised."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """The network's configuration, as checkpoints keep it."""


def channels_last(network: NetworkT) -> NetworkT:
    """Lay the weights out as processors like them: about twice as fast for networks this narrow."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def check_crop(key: str, crop: int, multiple: int) -> None:
    """Refuse crops that a network can't halve as often as it has to.

    Raises:
        DataError: The crop's side is no multiple.
    """
    if crop % multiple:
        raise DataError(f"{key}: {crop}; expected a multiple of {multiple}")


def labelled_folders(folders: list[DataFolder], data: Path) -> list[PairFolder]:
    """The folders, every pair of which has labels.

    Raises:
        DataError: Some pair has none, or a folder can't be used.
    """
    found = [PairFolder(data / folder.folder) for folder in folders]
    for folder in found:
        if not folder.has_labels:
            raise DataError(f"{folder.root}: not every pair has labels; the segmenter learns from labelled pairs")
    return found
