"""The engines against ONNX Runtime as it is out of the box: python benchmarks/onnxruntime_defaults.py.

Out of the box is `InferenceSession(path)` with nothing set, called by one thread with one frame after another. It
and the engines, as `irvis run` opens them, take turns. Rates are medians over the rounds, and so are the ratios
within a round. `agreement` is with ONNX Runtime on the synthetic street.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from export.pairs import to_compare
from export.parity import measure
from irvis.config import parse_size
from irvis.engine import Engine, open_engine
from irvis.engine.artifact import find_artifact, open_artifact
from irvis.frame import Pixels
from irvis.settings import EngineSettings
from pipeline.accounting.machine import facts
from pipeline.bench.measure import Rate, measure_engine, median_of, ratio_of

KINDS = {"onnx": "ours, through ONNX Runtime", "openvino": "ours, through OpenVINO"}


class OutOfTheBox(Engine):
    """ONNX Runtime with nothing set."""

    kind = "onnx"
    device = "CPU"
    precision = "fp32"

    def __init__(self, name: str) -> None:
        import onnxruntime

        self.manifest = open_artifact(name).manifest
        self.runtime = f"onnxruntime-{onnxruntime.__version__}"
        self._session = onnxruntime.InferenceSession(str(find_artifact(name)))

    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the graph; see `Engine.infer`."""
        fused, labels = self._session.run(["fused", "labels"], {"visible": visible, "infrared": infrared})
        return fused, labels


def main() -> None:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", default="cmdfc-nano")
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--out", type=Path, help="benchmarks/results/onnxruntime-defaults-ARTIFACT.json without")
    arguments = parser.parse_args()
    size = parse_size(arguments.size)
    reference = OutOfTheBox(arguments.artifact)
    engines: dict[str, Engine] = {"ONNX Runtime out of the box": reference}
    for kind, title in KINDS.items():
        settings = EngineSettings.model_validate({"artifact": arguments.artifact, "kind": kind})
        engines[title] = open_engine(settings, size)
    pairs = to_compare(None)
    quality = {title: measure(engine, reference, pairs).parity.model_dump() for title, engine in engines.items()}
    rates: dict[str, list[Rate]] = {title: [] for title in engines}
    for _ in range(arguments.rounds):
        for title, engine in engines.items():
            rates[title].append(measure_engine(engine, size, arguments.seconds))
    first = rates["ONNX Runtime out of the box"]
    results = {
        title: {
            "engine": f"{engine.runtime} {engine.device} {engine.precision}, {engine.streams} callers",
            **asdict(median_of(rates[title])),
            "ratio": ratio_of(rates[title], first),
            "rounds_fps": [rate.fps for rate in rates[title]],
            "agreement": quality[title],
        }
        for title, engine in engines.items()
    }
    told = {
        "artifact": arguments.artifact,
        "size": list(size),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "results": results,
        "machine": facts(),
    }
    out = arguments.out or Path(__file__).parent / "results" / f"onnxruntime-defaults-{arguments.artifact}.json"
    out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for title, result in results.items():
        sys.stdout.write(f"{title}: {json.dumps(result)}\n")


if __name__ == "__main__":
    main()
