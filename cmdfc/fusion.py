"""The fusion network: two branches, compensated by each other's differences, and a reconstructor.

One class builds every width, from the paper's (full resolution, 16/32/64/128, draws the picture) to the live one
(quarter and eighth resolution, decides how the full-resolution inputs are combined).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import CMDFC, Lateral, conv
from .checkpoint import Checkpoint, rebuilt

RESIDUAL = 0.2
"""Scale of the blend head's correction, in luma units of 0..1: what starts at 0 should move slowly."""


@dataclass(frozen=True)
class FusionConfig:
    """Widths and switches of a fusion network; stored in its checkpoints.

    Attributes:
        unshuffle: Side of the pixel block that becomes channels: 1 full, 2 half, 4 quarter resolution.
        stem: Channels of each branch after the first convolution.
        stem_kernel: Of the first convolution: 1 in the paper's body.
        encoder: Channels after each further convolution of a branch.
        strides: Of these further convolutions: 2 halves the resolution. All 1 where empty.
        compensated: Which convolutions of a branch compensation follows, counted from the stem, 0. Empty for the
            ablation without CMDFC: the branches then meet only in the reconstructor.
        decoder: Channels of the reconstructor's convolutions. Where branches were halved, each of its first ones
            leads up one level again, past the branches' features of that level.
        head: `draw` makes the picture itself; `blend` makes a weight and a small residual per pixel:
            F = w ir + (1 - w) y + 0.2 r.
        head_kernel: Of the last convolution.
        attention: Off for the ablation without CBAM.
    """

    unshuffle: int = 4
    stem: int = 24
    stem_kernel: int = 3
    encoder: tuple[int, ...] = (24,)
    strides: tuple[int, ...] = ()
    compensated: tuple[int, ...] = (0, 1)
    decoder: tuple[int, ...] = (32,)
    head: Literal["draw", "blend"] = "blend"
    head_kernel: int = 1
    attention: bool = True

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of a branch after each convolution, the stem's first."""
        return (self.stem, *self.encoder)

    @property
    def halved(self) -> tuple[int, ...]:
        """Indices of the branch convolutions whose output the next one halves, the last first."""
        return tuple(i for i in reversed(range(len(self.strides))) if self.strides[i] == 2)

    @property
    def size_multiple(self) -> int:
        """Widths and heights of pictures must be a multiple of this [px]."""
        return self.unshuffle << len(self.halved)


class FusionNet(nn.Module):
    """CMDFC: luma and infrared in, fused luma out."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.config = config
        block, widths = config.unshuffle**2, config.widths
        self.vis_branch = _branch(config)
        self.ir_branch = _branch(config)
        self.compensations = nn.ModuleDict(
            {str(i): CMDFC(widths[i], config.attention) for i in config.compensated}
        )
        chain = (2 * widths[-1], *config.decoder)
        self.decoder = nn.ModuleList(conv(a, b) for a, b in pairwise(chain))
        self.laterals = nn.ModuleList(
            Lateral(widths[i], out) for i, out in zip(config.halved, config.decoder, strict=False)
        )
        # One convolution per output plane: dividing a common one's channels would be a pass over memory.
        self.heads = nn.ModuleList(
            nn.Conv2d(chain[-1], block, config.head_kernel, padding=config.head_kernel // 2)
            for _ in range(1 if config.head == "draw" else 2)
        )

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "FusionNet":
        """As `checkpoint.rebuilt`."""
        return rebuilt(cls, FusionConfig, checkpoint)

    def features(self, vis: Tensor, ir: Tensor) -> list[tuple[Tensor, Tensor]]:
        """The two streams after each stage; inputs as in `forward`."""
        stages = []
        for index, (vis_stage, ir_stage) in enumerate(zip(self.vis_branch, self.ir_branch, strict=True)):
            vis, ir = vis_stage(vis), ir_stage(ir)
            if str(index) in self.compensations:
                vis, ir = self.compensations[str(index)](vis, ir)
            stages.append((vis, ir))
        return stages

    def reconstruct(self, stages: list[tuple[Tensor, Tensor]]) -> Tensor:
        """The streams after each stage to the reconstructor's features, at the resolution of the blocks."""
        x = torch.cat(stages[-1], 1)
        for index, convolution in enumerate(self.decoder):
            x = convolution(x)
            if index < len(self.laterals):
                vis, ir = stages[self.config.halved[index]]
                x = functional.interpolate(x, scale_factor=2.0, mode="nearest") + self.laterals[index](vis, ir)
        return x

    def forward(self, luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse pictures whose pixel blocks are already channels (`functional.pixel_unshuffle`).

        Everything happens on blocks, also the blending of the full-resolution inputs, because on a processor the
        time of a network this narrow is its passes over memory, and a shuffle is one.

        Args:
            luma: (B, K*K, H/K, W/K) visible luma in 0..1, K being `unshuffle`.
            infrared: (B, K*K, H/K, W/K) in 0..1.

        Returns:
            (B, K*K, H/K, W/K) fused luma in 0..1.
        """
        features = self.reconstruct(self.features(luma, infrared))
        if self.config.head == "draw":
            drawn: Tensor = torch.tanh(self.heads[0](features)) / 2 + 0.5
            return drawn
        weight, residual = (head(features) for head in self.heads)
        fused: Tensor = luma + torch.sigmoid(weight) * (infrared - luma) + RESIDUAL * residual
        return fused.clamp(0, 1)

    def fuse(self, luma: Tensor, infrared: Tensor) -> Tensor:
        """The same for whole pictures, (B, 1, H, W) each, of sizes that `FusionConfig.size_multiple` divides."""
        block = self.config.unshuffle
        blocks = self(functional.pixel_unshuffle(luma, block), functional.pixel_unshuffle(infrared, block))
        return functional.pixel_shuffle(blocks, block)


def _branch(config: FusionConfig) -> nn.ModuleList:
    chain = (config.unshuffle**2, *config.widths)
    kernels = (config.stem_kernel, *(3 for _ in config.encoder))
    strides = (1, *(config.strides or (1 for _ in config.encoder)))
    shapes = zip(pairwise(chain), kernels, strides, strict=True)
    return nn.ModuleList(conv(a, b, kernel, stride) for (a, b), kernel, stride in shapes)
