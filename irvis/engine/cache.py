"""Compiled artifacts that were made here, under a key of everything that their bytes depend on."""

import logging

from ..errors import EngineError
from .kept import cache_folder
from .manifest import Artifact, read_artifact, sha256_of, write_artifact
from .tensorrt_build import SUFFIX, build
from .tensorrt_library import load_library
from .tensorrt_plan import BuildPlan

log = logging.getLogger(__name__)


def rebuilt(parent: Artifact, plan: BuildPlan, device: str) -> Artifact:
    """Compile an ONNX artifact, or take what an earlier call has compiled.

    The key is the parent's bytes, the library and its version, the GPU, the precision, the sizes and the batch.
    A damaged entry is compiled again.

    Args:
        parent: The ONNX artifact.
        plan: What to compile for.
        device: Compute capability that it will run on, `sm89`.

    Raises:
        EngineUnavailable: The library is not installed.
        EngineError: It refuses the graph.
    """
    version = load_library(plan.library).__version__
    told = repr((parent.manifest.artifact_sha256, version, device, plan))
    key = sha256_of(told.encode())[:24]
    path = cache_folder() / f"{parent.manifest.name}-{key}{SUFFIX}"
    if path.is_file():
        try:
            return read_artifact(path)
        except EngineError:
            path.unlink(missing_ok=True)
    made = build(parent, plan)._replace(path=path)
    if not made.manifest.target or device not in made.manifest.target.devices:
        raise EngineError(f"{parent.path}: {plan.library} compiled for another GPU than this {device}")
    try:
        write_artifact(made)
    except EngineError as exc:
        log.warning("%s: it is compiled again at the next start", exc)
    return made
