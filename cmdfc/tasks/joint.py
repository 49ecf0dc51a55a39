"""Fusion and segmentation together: what is good for the segmenter shapes the picture (SeAFusion's scheme)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.func import functional_call

from .. import checkpoint
from ..colour import luma, recombine
from ..data.crops import CropSampler
from ..data.labelled import LabelledPairs, LabelledSampler
from ..data.synthetic import synthetic_pairs
from ..fusion import FusionConfig, FusionNet
from ..losses.fusion import fusion_losses
from ..losses.semantic import semantic_loss
from ..placement import Placement
from ..segmentation import Segmenter, SegmenterConfig
from ..settings import JointTraining
from .base import NetworkT, Task, channels_last, check_crop, labelled_folders
from .segmentation import segmenter_losses
from .teacher import Teacher

ConfigT = TypeVar("ConfigT", FusionConfig, SegmenterConfig)


class JointTask(Task):
    """Both networks at once.

    In each step the fusion network learns from its own losses on crops of all pairs and, on crops of the labelled
    ones, from the loss of the segmenter as it stands, whose weight grows from round to round; the segmenter learns
    from the pictures as they stand. Tang et al. (Information Fusion 2022) alternate whole rounds of either; taken
    step by step neither ever works on what the other no longer is, and nothing is fused twice.
    """

    kind = "joint"
    network: nn.ModuleDict

    def __init__(self, settings: JointTraining, data: Path) -> None:
        self._settings = settings
        schedule = settings.schedule
        self._fusion = channels_last(
            _begun(FusionNet, settings.network, FusionConfig(), settings.start_fusion, "fusion")
        )
        self._segmenter = channels_last(
            _begun(Segmenter, settings.segmenter, SegmenterConfig(), settings.start_segmenter, "segmentation")
        )
        if not settings.start_segmenter:
            self._segmenter.backbone.load_imagenet()
        check_crop("training.schedule.crop", schedule.crop, self._fusion.config.size_multiple)
        check_crop("training.labelled_crop", settings.labelled_crop, self._segmenter.size_multiple)
        if settings.segmenter_learns:
            self._segmenter.backbone.freeze(settings.frozen_blocks)
        else:
            self._segmenter.requires_grad_(False)
        self.placement = Placement.of(schedule)
        self.network = nn.ModuleDict({"fusion": self._fusion, "segmentation": self._segmenter})
        self.network.to(self.placement.device)
        self._teacher = (
            Teacher(settings.distillation, schedule.crop, self.placement) if settings.distillation else None
        )
        self._crops = CropSampler.of(settings.data, data, schedule)
        pairs = chain(*labelled_folders(settings.labelled, data), synthetic_pairs(settings.synthetic_pictures))
        self._labelled = LabelledSampler(
            LabelledPairs.of(pairs, "pair", None), settings.labelled_crop, settings.labelled_batch, schedule.seed
        )

    def losses(self, step: int) -> Mapping[str, Tensor]:
        """Weighted fusion losses, a teacher's, the semantic loss, and the segmenter's own where it learns."""
        vis, ir = self.on_device(*self._crops.batch(step))
        fused = self.placement.run(self._fusion.fuse, vis, ir)
        losses = fusion_losses(self._settings.loss, fused, vis, ir)
        if self._teacher:
            losses["distillation"] = self._teacher.loss(fused, vis, ir)
        weight, learns = self.semantic_weight(step), self._settings.segmenter_learns
        losses["semantic"] = vis.new_zeros(())
        if not (weight or learns):
            return losses
        pairs, labels = self.on_device(*self._labelled.batch(step))
        pictures = self._fused(pairs)
        if weight:
            losses["semantic"] = weight * semantic_loss(self._scores_as_they_stand(pictures), labels)
        if learns:
            losses |= segmenter_losses(self._segmenter, pictures.detach(), labels, self.placement)
        return losses

    def semantic_weight(self, step: int) -> float:
        """Nothing in the first round, and as much more in each further one."""
        return self._settings.semantic * (step * self._settings.rounds // self._settings.schedule.steps)

    def description(self) -> dict[str, Any]:
        """Of both networks."""
        return {"fusion": asdict(self._fusion.config), "segmentation": asdict(self._segmenter.config)}

    def _fused(self, pairs: Tensor) -> Tensor:
        """(B, 4, H, W) BGR and infrared in 0..255 to fused pictures (B, 3, H, W) BGR in 0..255."""
        colours, ir = pairs[:, :3].permute(0, 2, 3, 1), pairs[:, 3:] / 255
        vis = luma(colours) / 255
        fused = self.placement.run(self._fusion.fuse, vis.unsqueeze(1), ir).squeeze(1)
        return recombine(fused, colours, vis).permute(0, 3, 1, 2)

    def _scores_as_they_stand(self, pictures: Tensor) -> Tensor:
        """The segmenter's scores, through which gradients reach the pictures but not its own weights."""
        self._segmenter.eval()
        weights = {name: weight.detach() for name, weight in self._segmenter.named_parameters()}
        as_it_stands: Callable[[Tensor], tuple[Tensor, Tensor]] = partial(
            functional_call, self._segmenter, weights
        )
        scores, _ = self.placement.run(as_it_stands, pictures)
        self._segmenter.train()
        return scores


def _begun(
    network: type[NetworkT], config: ConfigT | None, usual: ConfigT, start: Path | None, kind: str
) -> NetworkT:
    """A network as it starts: a checkpoint's, with its widths where none are given, or a new one."""
    if start and config is None:
        return checkpoint.rebuilt(network, type(usual), checkpoint.load(start, kind))
    begun = network(config or usual)
    if start:
        checkpoint.start(begun, start, kind)
    return begun
