"""One frame in the engine at a time against two: python benchmarks/streams.py.

`engine.streams` 1 gives every core to one frame, 2 a core to each of two. They take turns, each round with the
engine alone, the pipeline flat out, and the pipeline live at 25 frames per second with the overlay recorded. Rates
and latencies are medians over the rounds, and so is the ratio of flat out to alone. Nothing else may be at work.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from irvis.config import parse_size
from irvis.engine import open_engine
from irvis.settings import EngineSettings
from pipeline.accounting.machine import facts
from pipeline.bench.measure import Rate, measure_engine, measure_pipeline, median_of, ratio_of
from pipeline.bench.system import system

STREAMS = (1, 2)
KINDS = ("alone", "flat_out", "live")


def main() -> None:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", default="cmdfc-nano")
    parser.add_argument("--engine", default="openvino")
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "streams.json")
    arguments = parser.parse_args()
    size = parse_size(arguments.size)
    measured: dict[int, dict[str, list[Rate]]] = {streams: {kind: [] for kind in KINDS} for streams in STREAMS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            for streams, rates in measured.items():
                given = {"artifact": arguments.artifact, "kind": arguments.engine, "streams": streams}
                engine = EngineSettings.model_validate(given)
                rates["alone"].append(measure_engine(open_engine(engine, size), size, arguments.seconds))
                rates["flat_out"].append(measure_pipeline(system(engine, size, None), arguments.seconds))
                live = system(engine, size, Path(folder) / "overlay.mp4")
                rates["live"].append(measure_pipeline(live, arguments.seconds))
    results = {
        f"streams {streams}": {
            "ratio": ratio_of(rates["flat_out"], rates["alone"]),
            **{kind: asdict(median_of(rates[kind])) for kind in KINDS},
            "rounds": [{kind: asdict(rates[kind][turn]) for kind in KINDS} for turn in range(arguments.rounds)],
        }
        for streams, rates in measured.items()
    }
    told = {
        "artifact": arguments.artifact,
        "engine": arguments.engine,
        "size": list(size),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "results": results,
        "machine": facts(),
    }
    arguments.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for name, result in results.items():
        sys.stdout.write(f"{name}: {json.dumps({key: result[key] for key in ('ratio', *KINDS)})}\n")


if __name__ == "__main__":
    main()
