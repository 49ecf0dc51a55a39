"""Exponential moving average of weights: what is evaluated and exported."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Average:
    """Follows a network's weights and buffers.

    Args:
        network: Whose state is followed.
        decay: Share of the past kept at each step; ramped up from 0 over the first steps.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self.state: dict[str, Tensor] = {k: v.detach().clone() for k, v in network.state_dict().items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that was saved, on whichever device."""
        self.state = {name: value.to(self.state[name].device) for name, value in state.items()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take one step towards the network's state."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            kept = self.state[name]
            if kept.dtype.is_floating_point:
                kept.lerp_(value, 1 - decay)
            else:
                kept.copy_(value)
