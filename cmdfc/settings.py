"""The sections of a training configuration."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from irvis.config import Section

from .fusion import FusionConfig
from .losses.fusion import FusionLossWeights
from .segmentation import SegmenterConfig

Positive = Annotated[float, Field(gt=0)]


class DataFolder(Section):
    """A folder of pairs."""

    folder: Path
    """Below the folder that `--data` names."""


class DataShare(DataFolder):
    """A folder of pairs, and how often a crop comes from it."""

    share: Positive = 1.0
    """Relative to the other folders."""


class SyntheticShare(Section):
    """Pictures of the synthetic street, and how often a crop comes from them."""

    synthetic: int = Field(gt=0)
    """How many; each takes about a second to draw."""
    share: Positive = 1.0
    """Relative to the folders."""


class Schedule(Section):
    """How long, how fast, and how to go on."""

    steps: int = Field(gt=0)
    """Optimiser steps."""
    batch: int = Field(gt=0)
    """Crops in a step."""
    crop: int = Field(gt=0)
    """Side of a crop [px]."""
    rate: Positive
    """Highest learning rate of AdamW: warmed up over the first 2 %, then a cosine to a hundredth."""
    weight_decay: float = Field(default=1e-4, ge=0)
    """Of AdamW."""
    average: float = Field(default=0.999, ge=0, lt=1)
    """Decay of the moving average of the weights."""
    seed: int = 1
    """Of initialisation and sampling."""
    save_every: int = Field(default=500, gt=0)
    """Steps between checkpoints."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where: a GPU if there is one."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the networks' arithmetic: bfloat16 on a GPU, float32 on a processor. Weights and losses stay float32."""


class FusionTraining(Section):
    """Train the fusion network by itself."""

    task: Literal["fusion"] = "fusion"
    network: FusionConfig = FusionConfig()
    """Its widths."""
    data: list[DataShare | SyntheticShare] = Field(min_length=1)
    """What it learns from: folders, and pictures of the synthetic street."""
    loss: FusionLossWeights = FusionLossWeights()
    """What it learns."""
    schedule: Schedule
    """How."""


class SegmentationTraining(Section):
    """Train the segmenter on pictures fused by a trained fusion network."""

    task: Literal["segmentation"] = "segmentation"
    network: SegmenterConfig = SegmenterConfig()
    """Its widths."""
    fusion: Path | None = None
    """Checkpoint of the fusion network whose pictures are segmented; `--set training.fusion=FILE`."""
    start: Path | None = None
    """Checkpoint whose segmenter to start from; without one from ImageNet."""
    synthetic_pictures: int = Field(default=0, ge=0)
    """Also learn from this many pictures of the synthetic street, whose labels are exact."""
    furnished: float = Field(default=0.0, ge=0, le=1)
    """Share of the crops into which guardrails, barriers, bollards and cones are drawn, of which there are few; as
    light shows them, so not for the infrared alone."""
    frozen_blocks: int = Field(default=3, ge=0)
    """How many of the backbone's first blocks stay as ImageNet left them."""
    picture: Literal["fused", "visible", "infrared"] = "fused"
    """What is segmented; the single cameras are for comparison."""
    data: list[DataFolder] = Field(min_length=1)
    """What it learns from, every picture as often; every pair needs labels."""
    schedule: Schedule
    """How."""


class Distillation(Section):
    """Let a fusion network learn from what a larger one draws."""

    teacher: Path
    """Checkpoint of the larger one."""
    weight: Positive
    """Of the mean absolute difference between the two pictures."""


class JointTraining(Section):
    """Train both together: a semantic loss on the fused picture constrains the fusion."""

    task: Literal["joint"] = "joint"
    network: FusionConfig | None = None
    """Widths of the fusion network; without them those of `start_fusion`'s, or the live network's."""
    segmenter: SegmenterConfig | None = None
    """Widths of the segmenter; without them those of `start_segmenter`'s, or the shipped one's."""
    start_fusion: Path | None = None
    """Checkpoint whose fusion network to start from; without one from scratch."""
    start_segmenter: Path | None = None
    """Checkpoint whose segmenter to start from; without one from ImageNet."""
    segmenter_learns: bool = True
    """Whether the segmenter is trained too, rather than only judging what is fused."""
    frozen_blocks: int = Field(default=3, ge=0)
    """How many of the backbone's first blocks stay as they are."""
    data: list[DataShare | SyntheticShare] = Field(min_length=1)
    """What the fusion learns from: folders, and pictures of the synthetic street."""
    labelled: list[DataFolder] = Field(min_length=1)
    """What the semantic loss and the segmenter learn from; every pair needs labels."""
    synthetic_pictures: int = Field(default=0, ge=0)
    """Also learn from this many labelled pairs of the synthetic street."""
    labelled_batch: int = Field(default=6, gt=0)
    """Labelled crops in a step."""
    labelled_crop: int = Field(default=256, gt=0)
    """Their side [px]."""
    loss: FusionLossWeights = FusionLossWeights()
    """What the fusion learns."""
    distillation: Distillation | None = None
    """What it learns from a larger network."""
    semantic: float = Field(default=0.1, ge=0)
    """Weight of the semantic loss in the second round; twice that in the third, and so on. 0 for the ablation."""
    rounds: int = Field(default=4, gt=0)
    """Equal parts of the training; the first goes without the semantic loss."""
    schedule: Schedule
    """How."""


class TrainingFile(Section):
    """The whole file."""

    training: Annotated[FusionTraining | SegmentationTraining | JointTraining, Field(discriminator="task")]
    """One training."""
