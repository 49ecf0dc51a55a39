"""Time of the live network beside its peers, in one process: python benchmarks/peers.py.

SeAFusion (Tang et al., Information Fusion 2022) and MMDRFuse (Deng et al., ACM MM 2024) are built here layer by
layer, with random weights: what they cost does not depend on them. Every network stands in the same graph (bytes
in and out, colours put back on the fused luma), is compiled by OpenVINO in the same precision, and takes one frame
after another; the live network's fusion stands there in int8 too. They take turns; times are medians over the
rounds, and so are the ratios within a round.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import cast

import torch
from onnx import ModelProto, TensorProto, helper
from torch import Tensor, nn
from torch.nn import functional

from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.model import FusionSegmentation
from export import cut, openvino
from export.onnx import OPSET, to_onnx
from export.pairs import to_calibrate
from export.trace import trace
from irvis.config import parse_size
from irvis.engine import Artifact, Engine, Manifest, open_engine
from irvis.engine.artifact import open_artifact
from irvis.engine.graph import at_size, gflop_of, read_graph
from irvis.engine.manifest import sha256_of, write_artifact
from irvis.settings import EngineSettings
from pipeline.accounting.machine import facts
from pipeline.bench.measure import Rate, measure_engine, median_of

FIRST = "SeAFusion"
FULL_RESOLUTION = FusionConfig(unshuffle=1)


class GradientResidualDense(nn.Module):
    """SeAFusion's block: two densely connected convolutions, beside them the gradient of what comes in."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, inside, 3, padding=1)
        self.second = nn.Conv2d(2 * inside, inside, 3, padding=1)
        self.down = nn.Conv2d(3 * inside, outside, 1)
        self.sobel_x = nn.Conv2d(inside, inside, 3, padding=1, groups=inside, bias=False)
        self.sobel_y = nn.Conv2d(inside, inside, 3, padding=1, groups=inside, bias=False)
        self.up = nn.Conv2d(inside, outside, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C', H, W)."""
        dense = torch.cat([x, functional.leaky_relu(self.first(x), 0.1)], 1)
        dense = torch.cat([dense, functional.leaky_relu(self.second(dense), 0.1)], 1)
        gradient = self.sobel_x(x).abs() + self.sobel_y(x).abs()
        return functional.leaky_relu(self.down(dense) + self.up(gradient), 0.1)


class SeAFusion(nn.Module):
    """166,657 weights, 51.0 GMAC at 640x480."""

    config = FULL_RESOLUTION

    def __init__(self) -> None:
        super().__init__()
        self.vis, self.ir = _seafusion_branch(), _seafusion_branch()
        self.decoder = nn.Sequential(*(_leaky(a, b) for a, b in ((96, 64), (64, 32), (32, 16))))
        self.head = nn.Conv2d(16, 1, 3, padding=1)

    def fuse(self, luma: Tensor, infrared: Tensor) -> Tensor:
        """Luma and infrared (B, 1, H, W) in 0..1 to fused luma; as `FusionNet.fuse`."""
        features = torch.cat([self.vis(luma), self.ir(infrared)], 1)
        return torch.tanh(self.head(self.decoder(features))) / 2 + 0.5


class MMDRFuse(nn.Module):
    """113 weights in two convolutions."""

    config = FULL_RESOLUTION

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect")
        self.second = nn.Conv2d(4, 1, 3, padding=1, padding_mode="reflect")

    def fuse(self, luma: Tensor, infrared: Tensor) -> Tensor:
        """Luma and infrared (B, 1, H, W) in 0..1 to fused luma; as `FusionNet.fuse`."""
        return torch.tanh(self.second(functional.relu(self.first(torch.cat([luma, infrared], 1)))))


def _seafusion_branch() -> nn.Sequential:
    return nn.Sequential(_leaky(1, 16), GradientResidualDense(16, 32), GradientResidualDense(32, 48))


def _leaky(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, 3, padding=1), nn.LeakyReLU(0.2))


def peer_artifact(name: str, peer: SeAFusion | MMDRFuse) -> Artifact:
    """A peer in the graph that every artifact is, without a segmenter."""
    model = FusionSegmentation(cast(FusionNet, peer), None).eval()  # what the graph asks of a fusion, it has
    weights = sum(each.numel() for each in peer.parameters())
    return _artifact(name, f"{name}, {weights} weights, random", to_onnx(*trace(model)), model.size_multiple)


def fusion_alone(name: str) -> Artifact:
    """The fusion of an artifact, every label 0."""
    whole = open_artifact(name)
    graph = cut.fusion_of(whole)
    graph.graph.node.append(helper.make_node("Sub", ["infrared", "infrared"], ["labels"]))
    fused = next(port for port in graph.graph.output if port.name == "fused")
    labels = helper.make_tensor_value_info("labels", TensorProto.UINT8, ["N", "H", "W"])
    del graph.graph.output[:]
    graph.graph.output.extend([fused, labels])
    network = whole.manifest.network.split("; ")[0]
    return _artifact(f"{name}-fusion", network, graph, whole.manifest.size_multiple)


def _artifact(name: str, network: str, graph: ModelProto, multiple: int) -> Artifact:
    data = graph.SerializeToString()
    manifest = Manifest(
        name=name,
        kind="onnx",
        network=network,
        artifact_sha256=sha256_of(data),
        weights_sha256=sha256_of(data),
        classes=[],
        size_multiple=multiple,
        precision="fp32",
        opset=OPSET,
    )
    return Artifact(Path(f"{name}.onnx"), manifest, data)


def candidates(folder: Path) -> Iterator[tuple[str, Artifact]]:
    """Title and artifact of everything that is timed."""
    live = fusion_alone("cmdfc-nano")
    made = {
        FIRST: peer_artifact(FIRST, SeAFusion()),
        "MMDRFuse": peer_artifact("MMDRFuse", MMDRFuse()),
        "cmdfc-nano, fusion alone": live,
        "cmdfc-nano, fusion alone in int8": openvino.convert(live, "int8", to_calibrate(None)),
        "cmdfc-nano, fusion and segmentation": open_artifact("cmdfc-nano"),
        "cmdfc-fast, fusion alone": fusion_alone("cmdfc-fast"),
        "cmdfc-fast, fusion and segmentation": open_artifact("cmdfc-fast"),
    }
    for title, artifact in made.items():
        written = artifact._replace(path=folder / artifact.path.name)
        write_artifact(written)
        yield title, written


def gmac(artifact: Artifact, size: tuple[int, int]) -> float:
    """Multiply-adds of a frame's convolutions, in thousand millions."""
    model = read_graph(artifact)
    at_size(model, size, artifact.manifest.size_multiple)
    return round(gflop_of(model) / 2, 3)


def main() -> None:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--precision", default="auto", help="auto is bf16 where the processor has it")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "peers.json")
    arguments = parser.parse_args()
    size = parse_size(arguments.size)
    engines: dict[str, Engine] = {}
    work: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for title, artifact in candidates(Path(folder)):
            settings = {"artifact": str(artifact.path), "kind": "openvino", "streams": 1}
            asked = EngineSettings.model_validate({**settings, "precision": arguments.precision})
            engines[title], work[title] = open_engine(asked, size), gmac(artifact, size)
    rates: dict[str, list[Rate]] = {title: [] for title in engines}
    for _ in range(arguments.rounds):
        for title, engine in engines.items():
            rates[title].append(measure_engine(engine, size, arguments.seconds))
    results = {
        title: {
            "network": engine.manifest.network,
            "engine": f"{engine.runtime} {engine.device} {engine.precision}",
            "gmac": work[title],
            **asdict(median_of(rates[title])),
            "times_as_fast": round(
                statistics.median(
                    peer.latency_ms["p50"] / own.latency_ms["p50"]
                    for peer, own in zip(rates[FIRST], rates[title], strict=True)
                ),
                2,
            ),
            "rounds_p50_ms": [rate.latency_ms["p50"] for rate in rates[title]],
        }
        for title, engine in engines.items()
    }
    told = {
        "size": list(size),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "results": results,
        "machine": facts(),
    }
    arguments.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for title, result in results.items():
        sys.stdout.write(f"{title}: {json.dumps(result)}\n")


if __name__ == "__main__":
    main()
