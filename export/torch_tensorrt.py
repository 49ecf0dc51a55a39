"""A network compiled by Torch-TensorRT ahead of time (dynamo), for those who stay in PyTorch.

It compiles for the GPU at hand and for one size and batch. What TensorRT has no layer for stays in PyTorch, within
the same program.
"""

import copy
import tempfile
from pathlib import Path

import torch

from cmdfc.engine import NARROW, weights_sha256
from cmdfc.model import FusionSegmentation
from cmdfc.program import gpu, load_torch_tensorrt
from cmdfc.segmentation import CLASSES
from irvis.engine import Artifact, Manifest, Target
from irvis.engine.manifest import sha256_of
from irvis.engine.shapes import Shapes, rounded
from irvis.engine.tensorrt_plan import BuildPlan
from irvis.engine.timing_cache import timing_cache_path
from irvis.errors import EngineError

from .artifact import describe

SUFFIX = ".pt2"


def compile_network(model: FusionSegmentation, name: str, plan: BuildPlan, folder: Path) -> Artifact:
    """Compile a network for the GPU at hand; nothing is written.

    Args:
        model: Trained; it stays where it is.
        name: What to call the network.
        plan: Its usual size and least batch are what the program takes.
        folder: Where the artifact is to go.

    Raises:
        EngineUnavailable: torch-tensorrt is not installed, or there is no NVIDIA GPU.
        EngineError: It refuses the network.
    """
    library = load_torch_tensorrt()
    count = plan.shapes.batch[0]
    width, height = rounded(plan.shapes.usual, model.size_multiple)
    example = tuple(
        torch.zeros(count, height, width, *channels, dtype=torch.uint8, device="cuda") for channels in ((3,), ())
    )
    narrow = NARROW.get(plan.precision)
    timings = timing_cache_path(f"torch-{library.__version__}", gpu())
    timings.parent.mkdir(parents=True, exist_ok=True)
    try:
        traced = torch.export.export(copy.deepcopy(model).to("cuda"), example, strict=False)
        compiled = library.dynamo.compile(
            traced,
            arg_inputs=example,
            enable_autocast=narrow is not None,
            autocast_low_precision_type=narrow,
            disable_tf32=narrow is None,
            version_compatible=plan.version_compatible,
            timing_cache_path=str(timings),
        )
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / f"program{SUFFIX}"
            library.save(compiled, str(path), arg_inputs=example)
            data = path.read_bytes()
    except (RuntimeError, ValueError, TypeError, AssertionError) as exc:
        reason = (str(exc).splitlines() or [type(exc).__name__])[0]
        raise EngineError(f"{name}: torch-tensorrt can't compile it for {plan}: {reason}") from exc
    title = f"{name}-torch-tensorrt-{plan.precision}"
    manifest = Manifest(
        name=title,
        kind="torch_tensorrt",
        network=describe(model),
        artifact_sha256=sha256_of(data),
        weights_sha256=weights_sha256(model),
        classes=list(CLASSES),
        size_multiple=model.size_multiple,
        precision=plan.precision,
        opset=0,
        target=Target(
            library="torch_tensorrt",
            version=library.__version__,
            version_compatible=plan.version_compatible,
            devices=[gpu()],
            **Shapes.only(plan.shapes.usual, count).model_dump(),
        ),
    )
    return Artifact(folder / f"{title}{SUFFIX}", manifest, data)
