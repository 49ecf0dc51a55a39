"""Compiling an ONNX artifact with TensorRT, for data centre cards and Jetson, or TensorRT for RTX: one API.

The data-centre library compiles for the GPU at hand. TensorRT for RTX needs none: it compiles for the named
compute capabilities, and each card specialises the kernels when it first runs them.
"""

from typing import Any

from ..errors import EngineError, EngineUnavailable
from .artifact import check_ports
from .cuda import capability
from .graph import at_size, gflop_of, read_graph
from .manifest import Artifact, Target, sha256_of
from .precision import in_precision
from .tensorrt_library import (
    EXTRAS,
    compiles_for_others,
    inspected_layers,
    last_problem,
    load_library,
    logger_of,
    port_of,
)
from .tensorrt_plan import BuildPlan, options_of, targets_of
from .timing_cache import keep_timings, timing_cache_path, use_timings

SUFFIX = ".engine"


def build(parent: Artifact, plan: BuildPlan) -> Artifact:
    """Compile an ONNX artifact; nothing is written.

    Returns:
        The engine's bytes with a manifest that has no parity yet; its path is a name beside the parent's.

    Raises:
        EngineUnavailable: The library is not installed, or needs a GPU and finds none.
        EngineError: It refuses the graph or the plan.
    """
    own = parent.manifest.arithmetic
    if own not in ("fp32", plan.precision):
        raise EngineError(
            f"{parent.path}: computes in {own}, {plan.precision} was asked for; expected the fp32 artifact "
            "that it was made from"
        )
    devices = targets_of(plan)
    trt = load_library(plan.library)
    graph = in_precision(parent.data, plan.precision, bytes_at_edges=True)
    logger = logger_of(trt)
    try:
        builder = trt.Builder(logger)
    except (TypeError, RuntimeError) as exc:  # pybind11 raises TypeError where the factory gives no builder
        reason = last_problem(logger, exc)
        raise EngineUnavailable(f"{plan.library} finds no NVIDIA GPU to build for ({reason})") from exc
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(graph):
        errors = "; ".join(parser.get_error(place).desc() for place in range(parser.num_errors))
        raise EngineError(f"{parent.path}: {plan.library} can't read the graph: {errors}")
    inputs = [network.get_input(place) for place in range(network.num_inputs)]
    outputs = [network.get_output(place) for place in range(network.num_outputs)]
    ports = ({port.name: port_of(trt, port.dtype, port.shape) for port in each} for each in (inputs, outputs))
    check_ports(parent.path, *ports)
    options = options_of(trt, builder, network, plan, parent.manifest.size_multiple)
    data = _compiled(trt, builder, network, options, logger)
    if data is None:
        raise EngineError(f"{parent.path}: {plan.library} can't compile it for {plan}: {last_problem(logger)}")
    model = read_graph(parent)
    at_size(model, plan.shapes.usual, parent.manifest.size_multiple)
    target = Target(
        library=plan.library,
        version=trt.__version__,
        version_compatible=plan.version_compatible,
        devices=devices,
        **plan.shapes.model_dump(),
        layers=precision_layers(network),
        engine_layers=_engine_layers(trt, logger, data, plan),
        gflop=round(gflop_of(model), 3),
    )
    return _artifact(parent, plan, target, data)


def precision_layers(network: Any) -> dict[str, int]:
    """How many layers of a parsed network give which type."""
    counts: dict[str, int] = {}
    for place in range(network.num_layers):
        layer = network.get_layer(place)
        if layer.num_outputs:
            name = str(layer.get_output(0).dtype).rpartition(".")[2]
            counts[name] = counts.get(name, 0) + 1
    return counts


def _compiled(trt: Any, builder: Any, network: Any, options: Any, logger: Any) -> bytes | None:
    """The engine's bytes; timings are kept where the library takes any."""
    if compiles_for_others(trt):
        serialized = builder.build_serialized_network(network, options)
    else:
        path = timing_cache_path(trt.__version__, capability())
        timings = use_timings(options, path)
        serialized = builder.build_serialized_network(network, options)
        keep_timings(timings, path)
    return None if serialized is None else bytes(memoryview(serialized))


def _engine_layers(trt: Any, logger: Any, data: bytes, plan: BuildPlan) -> dict[str, int] | None:
    """From what the builder logged; where it logged nothing, from the inspector, which needs the GPU."""
    if logger.layers:
        return inspected_layers(logger.layers)
    runtime = trt.Runtime(logger)
    runtime.engine_host_code_allowed = plan.version_compatible
    engine = runtime.deserialize_cuda_engine(data)
    if engine is None:
        return None
    return inspected_layers(
        engine.create_engine_inspector().get_engine_information(trt.LayerInformationFormat.ONELINE)
    )


def _artifact(parent: Artifact, plan: BuildPlan, target: Target, data: bytes) -> Artifact:
    name = f"{parent.manifest.name}-{EXTRAS[plan.library]}-{plan.precision}"
    manifest = parent.manifest.model_copy(
        update={
            "name": name,
            "kind": "tensorrt",
            "artifact_sha256": sha256_of(data),
            "parent_sha256": parent.manifest.artifact_sha256,
            "precision": plan.precision,
            "target": target,
            "parity": None,
        }
    )
    return Artifact(parent.path.with_name(f"{name}{SUFFIX}"), manifest, data)
