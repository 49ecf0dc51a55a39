"""Where a training runs, and how finely its networks calculate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from irvis.errors import DataError

from .settings import Schedule

OutputT = TypeVar("OutputT", Tensor, tuple[Tensor, Tensor])


@dataclass(frozen=True)
class Placement:
    """A device, and whether networks run in bfloat16 there; weights and losses are float32 everywhere."""

    device: torch.device
    mixed: bool

    @classmethod
    def of(cls, schedule: Schedule) -> "Placement":
        """What a schedule asks for: `auto` is a GPU in bfloat16 where there is one, else the processor in float32.

        Raises:
            DataError: A GPU is asked for and PyTorch finds none.
        """
        found = torch.cuda.is_available()
        if schedule.device == "cuda" and not found:
            raise DataError(
                "training.schedule.device: cuda, but PyTorch finds no GPU; expected an NVIDIA driver and a CUDA "
                "build of torch, or device: auto"
            )
        device = torch.device("cuda" if found and schedule.device != "cpu" else "cpu")
        mixed = schedule.precision == "bfloat16" or (schedule.precision == "auto" and device.type == "cuda")
        return cls(device, mixed)

    def run(self, network: Callable[..., OutputT], *inputs: Tensor) -> OutputT:
        """What a network gives: calculated as finely as was chosen, made float32 again."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            given = network(*inputs)
        return given.float() if isinstance(given, Tensor) else (given[0].float(), given[1].float())
