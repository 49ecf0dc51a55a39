"""How far every processor engine is from PyTorch in fp32: python benchmarks/agreement.py CHECKPOINT VAL TRAIN.

The artifact that ships, and what `irvis export` makes of it, on every pair of VAL; int8 is calibrated once with
pairs of TRAIN and once with the synthetic ones. bf16 is computed by OpenVINO, in the processor's own instructions
where it has them and imitated where it has not: the figures' `engine` says on what they were measured.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from cmdfc.data.pairs import Pair, PairFolder
from cmdfc.engine import TorchEngine
from cmdfc.model import build
from export import artifact, openvino
from export.pairs import to_calibrate
from export.parity import GATES, psnr
from irvis.engine import Artifact, Engine, open_engine
from irvis.engine.artifact import open_artifact
from irvis.engine.manifest import write_artifact
from irvis.engine.openvino import OpenVinoEngine
from irvis.frame import Pixels
from irvis.settings import EngineSettings
from pipeline.accounting.machine import facts

SIZE = (640, 480)
CALIBRATED_WITH = 12


def engines(name: str, folder: Path, train: PairFolder) -> Iterator[tuple[str, str, Engine]]:
    """Name, precision and engine of everything that a processor can run."""
    parent = open_artifact(name)
    some = [train[place] for place in range(0, len(train), len(train) // CALIBRATED_WITH)][:CALIBRATED_WITH]

    def settings(made: Artifact, kind: str, precision: str = "auto") -> EngineSettings:
        """Of an artifact that is written first."""
        written = made._replace(path=folder / made.path.name)
        write_artifact(written)
        return EngineSettings.model_validate(
            {"artifact": str(written.path), "kind": kind, "precision": precision, "streams": 1}
        )

    yield "onnx fp32", "fp32", open_engine(settings(parent, "onnx"), SIZE)
    yield "onnx fp16", "fp16", open_engine(settings(artifact.in_fp16(parent), "onnx"), SIZE)
    yield "openvino fp32", "fp32", open_engine(settings(parent, "openvino", "fp32"), SIZE)
    yield "openvino bf16", "bf16", OpenVinoEngine(settings(parent, "openvino", "bf16"), SIZE, emulate=True)
    for source, pairs in ((f"{len(some)} real pairs", some), ("synthetic pairs", to_calibrate(None))):
        made = openvino.convert(parent, "int8", pairs)
        yield f"openvino int8, calibrated with {source}", "int8", open_engine(settings(made, "openvino"), SIZE)


def compare(
    engine: Engine, precision: str, pairs: Sequence[Pair], wanted: Sequence[tuple[Pixels, Pixels]]
) -> dict[str, object]:
    """Worst and mean figures over the pairs, beside the gate of the precision."""
    decibels, shares = [], []
    for pair, (picture, labels) in zip(pairs, wanted, strict=True):
        fused, found = engine.fuse(pair.visible, pair.infrared)
        decibels.append(psnr(fused, picture))
        shares.append(float((found == labels).mean()))
    gate = GATES[precision]
    return {
        "engine": f"{engine.runtime} {engine.device} {engine.precision}",
        "pairs": len(pairs),
        "psnr_db": {"worst": round(min(decibels), 2), "mean": round(float(np.mean(decibels)), 2)},
        "labels_equal": {"worst": round(min(shares), 5), "mean": round(float(np.mean(shares)), 5)},
        "pairs_below_gate": sum(
            level < gate.psnr_db or share < gate.labels_equal
            for level, share in zip(decibels, shares, strict=True)
        ),
    }


def main() -> None:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="of the network that ships")
    parser.add_argument("val", type=Path)
    parser.add_argument("train", type=Path)
    parser.add_argument("--artifact", default="cmdfc-nano")
    parser.add_argument("--out", type=Path, help="benchmarks/results/agreement-ARTIFACT.json without")
    arguments = parser.parse_args()
    network = TorchEngine(build(arguments.checkpoint, None), arguments.artifact)
    shipped = open_artifact(arguments.artifact).manifest
    if network.manifest.weights_sha256 != shipped.weights_sha256:
        parser.error(f"{arguments.checkpoint} has other weights than {arguments.artifact}")
    pairs = list(PairFolder(arguments.val))
    wanted = [network.fuse(pair.visible, pair.infrared) for pair in pairs]
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for title, precision, engine in engines(arguments.artifact, Path(folder), PairFolder(arguments.train)):
            results[title] = compare(engine, precision, pairs, wanted)
            sys.stdout.write(f"{title}: {json.dumps(results[title])}\n")
            sys.stdout.flush()
    told = {
        "artifact": arguments.artifact,
        "weights_sha256": shipped.weights_sha256,
        "reference": f"{network.runtime} fp32",
        "results": results,
        "machine": facts(),
    }
    out = arguments.out or Path(__file__).parent / "results" / f"agreement-{arguments.artifact}.json"
    out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
