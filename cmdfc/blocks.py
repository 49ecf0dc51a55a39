"""The building blocks of CMDFC: attention over channels and space, and the differential compensation.

CBAM follows Woo et al., "CBAM: Convolutional Block Attention Module", ECCV 2018. The compensation follows the
abstract of Li et al., J. Electronic Measurement and Instrumentation 38(7), 2024: attended cross-modality
differences are added to the other modality's original features.
"""

import torch
from torch import Tensor, nn

LEAK = 0.1


def conv(in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the size, or divides it by the stride; bias and leaky ReLU, no normalisation."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2),
        nn.LeakyReLU(LEAK, inplace=True),
    )


class Lateral(nn.Module):
    """What both branches of a finer level add on the way up; two convolutions cost less than a concatenation."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.vis = nn.Conv2d(in_channels, out_channels, 1)
        self.ir = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, vis: Tensor, ir: Tensor) -> Tensor:
        """Features of both branches, (B, C, H, W) each, to (B, C', H, W)."""
        both: Tensor = self.vis(vis) + self.ir(ir)
        return both


class ChannelAttention(nn.Module):
    """One gain per channel from the frame's mean and maximum: sigmoid(MLP(GAP x) + MLP(GMP x))."""

    def __init__(self, channels: int, reduction: int = 16, floor: int = 4) -> None:
        super().__init__()
        hidden = max(channels // reduction, floor)
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to gains (B, C, 1, 1) in 0..1."""
        mean, peak = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        gain: Tensor = torch.sigmoid(self.mlp(mean) + self.mlp(peak))
        return gain


class SpatialAttention(nn.Module):
    """One gain per pixel from its channels' mean and maximum: sigmoid(conv7x7([mean; max]))."""

    def __init__(self, kernel: int = 7) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to gains (B, 1, H, W) in 0..1."""
        summary = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        gain: Tensor = torch.sigmoid(self.conv(summary))
        return gain


class CBAM(nn.Module):
    """Channel attention, then spatial attention."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channel = ChannelAttention(channels)
        self.spatial = SpatialAttention()

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the attended features, same shape."""
        x = x * self.channel(x)
        attended: Tensor = x * self.spatial(x)
        return attended


class CMDFC(nn.Module):
    """Cross-modality differential feature compensation.

    D = F_ir - F_vis; F_vis' = F_vis + g CBAM(D); F_ir' = F_ir + g CBAM'(-D), with one CBAM per direction and a
    learned gain per direction that starts at a half, so that the two streams never collapse into one: with
    scalar attentions that add up to one they would (PIAFusion's published form does).

    Args:
        channels: Of each branch.
        attention: Without it the bare difference is added (for the ablation).
    """

    def __init__(self, channels: int, attention: bool = True) -> None:
        super().__init__()
        self.vis_from_ir = CBAM(channels) if attention else nn.Identity()
        self.ir_from_vis = CBAM(channels) if attention else nn.Identity()
        # A bare difference at gain 1/2 in both directions would make the streams equal at once.
        start = 0.5 if attention else 0.25
        self.gain = nn.Parameter(torch.full((2,), start))

    def forward(self, vis: Tensor, ir: Tensor) -> tuple[Tensor, Tensor]:
        """Features of both branches, (B, C, H, W) each, to the compensated ones."""
        difference = ir - vis
        return (
            vis + self.gain[0] * self.vis_from_ir(difference),
            ir + self.gain[1] * self.ir_from_vis(-difference),
        )
