"""What an export starts from: the ONNX graph that everything is made of, and what that is held against."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from onnx import ModelProto

from cmdfc import checkpoint
from cmdfc.engine import TorchEngine
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation, build
from cmdfc.segmentation import Segmenter
from irvis.engine import Artifact, Engine, Manifest, open_engine
from irvis.engine.artifact import is_checkpoint, open_artifact
from irvis.engine.manifest import sha256_of
from irvis.errors import ConfigError
from irvis.settings import EngineSettings

from . import cut
from .apart import Apart, Fuse, Label, fuse_in_onnx, fuse_in_torch, label_in_onnx, label_in_torch
from .artifact import from_network
from .pairs import SYNTHETIC_SIZE
from .plan import Request

Run = TypeVar("Run", Fuse, Label)
Tell = Callable[[str], object]
"""Takes what is being done, for a progress bar."""


class Origin(NamedTuple):
    """Where an export starts.

    Attributes:
        parent: ONNX in fp32, with a place in the folder for what is made.
        reference: What its pictures and labels should be.
        is_new: Whether the graph was made here, and is to be compared and written first.
    """

    parent: Artifact
    reference: Engine
    is_new: bool


def origin_of(request: Request, tell: Tell) -> Origin:
    """Trace a checkpoint, open an artifact, or join the fusion of one to the segmenter of another.

    Raises:
        ConfigError: No artifact has this name, or it computes in fp16 already.
        DataError: A checkpoint can't be read.
        EngineError: An artifact is damaged, has no segmenter to take, or can't be loaded.
    """
    if request.joins_graphs:
        return _joined(request, tell)
    if request.from_checkpoint:
        model, name = network_of(request)
        tell("tracing the network")
        return Origin(from_network(model, name, request.out), TorchEngine(model, name), is_new=True)
    opened = _opened(request.source)
    name = request.name or opened.manifest.name
    parent = opened._replace(
        path=request.out / f"{name}.onnx", manifest=opened.manifest.model_copy(update={"name": name})
    )
    reference = open_engine(EngineSettings(artifact=request.source, kind="onnx"), SYNTHETIC_SIZE)
    return Origin(parent, reference, is_new=False)


def network_of(request: Request) -> tuple[FusionSegmentation, str]:
    """The network of the checkpoints that are asked for, and what to call it.

    Raises:
        DataError: A checkpoint can't be read.
    """
    segmenter = Path(request.segmentation) if request.segmentation else None
    return build(Path(request.source), segmenter), request.name or _folder_name(request.source)


def _joined(request: Request, tell: Tell) -> Origin:
    assert request.segmentation is not None
    tell("cutting fusion and segmenter out of their graphs")
    fusion, segmenter = _fusion(request.source), _segmenter(request.segmentation)
    data = cut.joined(fusion.graph, segmenter.graph)
    name = request.name or f"{fusion.manifest.name}-with-{segmenter.manifest.name}"
    digests = fusion.manifest.weights_sha256 + segmenter.manifest.weights_sha256
    changes = {
        "name": name,
        "network": f"{fusion.manifest.network.split('; ')[0]}; {segmenter.manifest.network.split('; ')[-1]}",
        "artifact_sha256": sha256_of(data),
        "weights_sha256": sha256_of(digests.encode()),
        "size_multiple": math.lcm(fusion.manifest.size_multiple, segmenter.manifest.size_multiple),
        "parity": None,
        "loss_allowed": None,
    }
    manifest = fusion.manifest.model_copy(update=changes)
    parent = Artifact(request.out / f"{name}.onnx", manifest, data)
    return Origin(parent, Apart(manifest, fusion.run, segmenter.run), is_new=True)


class _Half(NamedTuple, Generic[Run]):
    """One of the two networks: of which artifact, its graph, and the network by itself."""

    manifest: Manifest
    graph: ModelProto
    run: Run


def _fusion(source: str) -> _Half[Fuse]:
    if not is_checkpoint(source):
        opened = _opened(source)
        graph = cut.fusion_of(opened)
        return _Half(opened.manifest, graph, fuse_in_onnx(graph))
    model = FusionSegmentation(FusionNet.of(checkpoint.load(Path(source), "fusion")), None).eval()
    traced = from_network(model, _folder_name(source), Path())
    return _Half(traced.manifest, cut.fusion_of(traced), fuse_in_torch(model))


def _segmenter(source: str) -> _Half[Label]:
    if not is_checkpoint(source):
        opened = _opened(source)
        graph = cut.segmenter_of(opened)
        return _Half(opened.manifest, graph, label_in_onnx(graph))
    segmenter = Segmenter.of(checkpoint.load(Path(source), "segmentation"))
    least = FusionNet(FusionConfig(encoder=(), compensated=()))  # is cut off again
    carrier = FusionSegmentation(least, segmenter).eval()
    traced = from_network(carrier, _folder_name(source), Path())
    return _Half(traced.manifest, cut.segmenter_of(traced), label_in_torch(segmenter))


def _opened(name: str) -> Artifact:
    opened = open_artifact(name, ("onnx",))
    if opened.manifest.arithmetic != "fp32":
        raise ConfigError(
            f"{opened.path}: computes in {opened.manifest.arithmetic}; expected the fp32 artifact that it "
            "was made from, or the checkpoint: --precision then says what to make of it"
        )
    return opened


def _folder_name(source: str) -> str:
    """What a checkpoint is called, for want of another name: as the folder that its training wrote."""
    return Path(source).resolve().parent.name
