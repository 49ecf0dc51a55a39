"""What to compile for: checked against the library, then put into its builder's words."""

import re
from dataclasses import dataclass
from typing import Any

from ..errors import EngineError, EngineUnavailable
from .cuda import capability
from .precision import Precision
from .shapes import Shapes, rounded, text
from .tensorrt_library import Library, compiles_for_others, load_library

USUAL = Shapes.only((640, 480))


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What to compile for.

    Attributes:
        library: Which TensorRT.
        precision: Of the layers between convolutions; the rest is fp32.
        devices: Compute capabilities, `sm89`; empty for the GPU at hand.
        shapes: For which frames.
        version_compatible: Let later versions of the library run it too; the data-centre library alone can.
    """

    library: Library
    precision: Precision = "fp16"
    devices: tuple[str, ...] = ()
    shapes: Shapes = USUAL
    version_compatible: bool = False

    def __str__(self) -> str:
        """As an error names it."""
        return f"{', '.join(self.devices) or 'the GPU at hand'} in {self.precision}, {self.shapes}"


def targets_of(plan: BuildPlan) -> list[str]:
    """The GPUs that a plan compiles for, once it is known that its library can.

    Raises:
        EngineUnavailable: The library is not installed, or the GPU at hand is meant and there is none.
        EngineError: The library can't compile what is asked for.
    """
    trt = load_library(plan.library)
    for_others = compiles_for_others(trt)
    if plan.version_compatible and for_others:
        raise EngineError(
            f"version-compatible: an engine of {plan.library} runs on the version that built it alone; leave "
            "--version-compatible out, or use --to tensorrt"
        )
    if plan.devices and not for_others:
        raise EngineError(
            f"{plan.library} compiles for the GPU at hand only; leave --device out, or use --to tensorrt-rtx"
        )
    if plan.devices:
        known = _capabilities(trt)
        unknown = [name for name in plan.devices if name not in known]
        if unknown:
            raise EngineError(f"device {', '.join(unknown)}: {plan.library} compiles for {', '.join(known)}")
        return list(plan.devices)
    try:
        return [capability()]
    except EngineUnavailable as exc:
        if not for_others:
            raise
        known = _capabilities(trt)
        raise EngineUnavailable(f"{exc}; or say which of {', '.join(known)} to compile for with --device") from exc


def options_of(trt: Any, builder: Any, network: Any, plan: BuildPlan, multiple: int) -> Any:
    """The builder's configuration for a plan that `targets_of` has passed.

    Args:
        trt: The library.
        builder: Its builder.
        network: Parsed.
        plan: What to compile for.
        multiple: Sides are padded to a multiple of this [px].

    Raises:
        EngineError: The sizes or batches are in no order.
    """
    options = builder.create_builder_config()
    options.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if plan.devices:
        known = _capabilities(trt)
        options.num_compute_capabilities = len(plan.devices)
        for place, name in enumerate(plan.devices):
            options.set_compute_capability(known[name], place)
    if plan.version_compatible:
        options.set_flag(trt.BuilderFlag.VERSION_COMPATIBLE)
    profile = builder.create_optimization_profile()
    shapes = plan.shapes
    counts = (shapes.batch[0], shapes.batch[0], shapes.batch[1])
    sizes = [rounded(size, multiple) for size in (shapes.smallest, shapes.usual, shapes.largest)]
    for place in range(network.num_inputs):
        port = network.get_input(place)
        channels = (3,) if port.name == "visible" else ()
        sides = [(count, height, width, *channels) for count, (width, height) in zip(counts, sizes, strict=True)]
        profile.set_shape(port.name, *sides)
    if not profile or options.add_optimization_profile(profile) < 0:
        raise EngineError(
            f"{plan}, fastest at {text(shapes.usual)}: expected a size between the two, and a batch of 1 or more"
        )
    return options


def _capabilities(trt: Any) -> dict[str, Any]:
    """Names of the GPUs that a library compiles for, the oldest first, as irvis writes them: sm89."""
    named = {name.lower(): value for name, value in trt.ComputeCapability.__members__.items()}
    numbered = [name for name in named if re.fullmatch(r"sm\d+", name)]
    return {name: named[name] for name in sorted(numbered, key=lambda name: int(name[2:]))}
