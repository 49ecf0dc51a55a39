"""An artifact: the converted graph, its manifest, and the proof that both agree with the network."""

import hashlib
import tempfile
from pathlib import Path

import numpy as np

from cmdfc.engine import TorchEngine
from cmdfc.model import FusionSegmentation
from irvis.engine import Manifest, Parity, open_engine
from irvis.frame import Pixels
from irvis.scene import Scene, SceneConfig
from irvis.settings import EngineSettings

from . import onnx as conversion
from . import parity
from .trace import trace

PARITY_SIZE = (640, 480)


def write(model: FusionSegmentation, name: str, out: Path) -> tuple[Path, Manifest]:
    """Convert a network, check it on pictures, and write NAME.onnx and NAME.json.

    Raises:
        ParityError: The artifact disagrees with the network; nothing is written.
    """
    proto = conversion.to_onnx(*trace(model))
    data = proto.SerializeToString()
    network = TorchEngine(model, name)
    manifest = Manifest(
        name=name,
        kind="onnx",
        network=describe(model),
        artifact_sha256=hashlib.sha256(data).hexdigest(),
        weights_sha256=network.manifest.weights_sha256,
        classes=network.manifest.classes,
        size_multiple=model.size_multiple,
        precision="fp32 arithmetic, fp16 weights",
        opset=conversion.OPSET,
    )
    with tempfile.TemporaryDirectory() as folder:
        trial = _place(Path(folder), manifest, data)
        engine = open_engine(EngineSettings(artifact=str(trial), kind="onnx"), PARITY_SIZE)
        agreement: Parity = parity.measure(engine, network, pictures())
    parity.check(agreement, f"{name} as ONNX")
    manifest = manifest.model_copy(update={"parity": agreement})
    out.mkdir(parents=True, exist_ok=True)
    return _place(out, manifest, data), manifest


def pictures() -> list[tuple[Pixels, Pixels]]:
    """Synthetic pairs by night and by day, and noise, which no network was trained on."""
    width, height = PARITY_SIZE
    pairs = []
    for light in ("night", "day"):
        scene = Scene(SceneConfig(light=light, width=width, height=height, ir_width=width, ir_height=height))
        pairs += [(scene.visible(time_s), scene.infrared(time_s)) for time_s in (0.0, 4.0)]
    rng = np.random.default_rng(0)
    pairs.append(
        (rng.integers(0, 256, (height, width, 3), np.uint8), rng.integers(0, 256, (height, width), np.uint8))
    )
    return pairs


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


def _place(folder: Path, manifest: Manifest, data: bytes) -> Path:
    path = folder / f"{manifest.name}.onnx"
    path.write_bytes(data)
    path.with_suffix(".json").write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path
