"""From a trained network to artifacts: convert, compare, write what passes."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cmdfc.data.pairs import Pair
from cmdfc.engine import TorchEngine
from cmdfc.model import FusionSegmentation
from irvis.engine import Artifact, Engine, Manifest, open_engine
from irvis.engine.manifest import sha256_of, write_artifact
from irvis.engine.precision import in_precision
from irvis.errors import EngineError
from irvis.settings import EngineSettings

from . import onnx as conversion
from . import parity
from .blame import worst_layer
from .plan import Precision
from .trace import trace


@dataclass(frozen=True, slots=True)
class Check:
    """How an artifact is held against what it was made from.

    Attributes:
        reference: The network, or the artifact that stands for it.
        pairs: What both are shown.
        allow_loss: Write it even if it disagrees, and say so in its manifest.
    """

    reference: Engine
    pairs: Sequence[Pair]
    allow_loss: bool = False


def from_network(model: FusionSegmentation, name: str, folder: Path) -> Artifact:
    """Convert a network to an ONNX artifact for a folder; nothing is written."""
    network = TorchEngine(model, name)
    data = conversion.to_onnx(*trace(model)).SerializeToString()
    manifest = Manifest(
        name=name,
        kind="onnx",
        network=describe(model),
        artifact_sha256=sha256_of(data),
        weights_sha256=network.manifest.weights_sha256,
        classes=network.manifest.classes,
        size_multiple=model.size_multiple,
        precision="fp32 arithmetic, fp16 weights",
        opset=conversion.OPSET,
    )
    return Artifact(folder / f"{name}.onnx", manifest, data)


def in_fp16(parent: Artifact) -> Artifact:
    """An ONNX artifact whose layers between convolutions compute in fp16; nothing is written."""
    data = in_precision(parent.data, "fp16")
    name = f"{parent.manifest.name}-fp16"
    changes = {
        "name": name,
        "artifact_sha256": sha256_of(data),
        "parent_sha256": parent.manifest.artifact_sha256,
        "precision": "fp16",
        "parity": None,
    }
    return Artifact(parent.path.with_name(f"{name}.onnx"), parent.manifest.model_copy(update=changes), data)


def write(artifact: Artifact, precision: Precision, check: Check, parent: Artifact | None = None) -> Artifact:
    """Compare an artifact with its reference and write it, with the figures in its manifest.

    Args:
        artifact: Nothing of it is written yet.
        precision: Whose gate it has to pass.
        check: Against what.
        parent: The ONNX artifact that it was made from.

    Raises:
        ParityError: It disagrees; nothing is written.
        EngineError: Nothing here can run it, or a graph that stands for it.
    """
    size = (check.pairs[0].visible.shape[1], check.pairs[0].visible.shape[0])
    with tempfile.TemporaryDirectory() as folder:
        finding = parity.measure(
            _runner(artifact, precision, Path(folder), size, parent), check.reference, check.pairs
        )
    loss = None
    if not parity.passes(finding.parity, precision):
        layer = worst_layer(parent, precision, finding.worst_picture) if parent else None
        if not check.allow_loss:
            parity.check(finding, artifact.manifest.name, precision, layer)
        gate = parity.GATES[precision]
        loss = f"below {gate.psnr_db} dB or {gate.labels_equal:.1%} of labels, taken with --allow-loss"
    changes = {"parity": finding.parity, "loss_allowed": loss}
    done = artifact._replace(manifest=artifact.manifest.model_copy(update=changes))
    write_artifact(done)
    return done


def _runner(
    artifact: Artifact, precision: Precision, folder: Path, size: tuple[int, int], parent: Artifact | None
) -> Engine:
    """The engine that runs an artifact, or the graph that stands for it where its device is not here."""
    kind = artifact.manifest.kind
    trial = artifact._replace(path=folder / artifact.path.name)
    write_artifact(trial)
    engine = "torch" if kind == "torch_tensorrt" else kind
    settings = EngineSettings.model_validate({"artifact": str(trial.path), "kind": engine})
    if kind == "onnx":
        return open_engine(settings, size)
    if kind == "openvino":
        return _openvino(settings, precision, size)
    target = artifact.manifest.target
    try:
        return open_engine(settings, size, target.batch[0] if target else 1)
    except EngineError:
        if parent is None:
            raise
    return _stand_in(parent, precision, folder, size)


def _stand_in(parent: Artifact, precision: Precision, folder: Path, size: tuple[int, int]) -> Engine:
    """The same arithmetic on this processor: the graph that was compiled, in its precision."""
    graph = parent if precision in ("fp32", "bf16") else in_fp16(parent)
    graph = graph._replace(path=folder / f"stand-in-{graph.path.name}")
    write_artifact(graph)
    settings = EngineSettings(artifact=str(graph.path), kind="openvino" if precision == "bf16" else "onnx")
    return _openvino(settings, precision, size) if precision == "bf16" else open_engine(settings, size)


def _openvino(settings: EngineSettings, precision: Precision, size: tuple[int, int]) -> Engine:
    from irvis.engine.openvino import OpenVinoEngine

    wanted = "auto" if precision == "int8" else precision
    return OpenVinoEngine(settings.model_copy(update={"precision": wanted}), size, emulate=precision == "bf16")


def describe(model: FusionSegmentation) -> str:
    """One line: what the graph computes."""
    config = model.fusion.config
    resolution = {1: "full", 2: "half", 4: "quarter"}.get(config.unshuffle, f"1/{config.unshuffle}")
    weights = sum(p.numel() for p in model.fusion.parameters())
    text = (
        f"CMDFC at {resolution} resolution, {'/'.join(map(str, (config.stem, *config.encoder)))} channels, "
        f"{config.head} head, {weights} weights"
    )
    if model.segmenter is not None:
        text += (
            f"; segmenter on EfficientNet-Lite0, {sum(p.numel() for p in model.segmenter.parameters())} weights"
        )
    return text
