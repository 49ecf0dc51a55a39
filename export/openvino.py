"""An ONNX artifact as OpenVINO's own format: two files, in fp32 or bf16 arithmetic, or quantized to int8."""

import logging
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from cmdfc.data.pairs import Pair
from irvis.engine import Artifact
from irvis.engine.manifest import sha256_of
from irvis.errors import EngineUnavailable


def convert(parent: Artifact, precision: str, pairs: Sequence[Pair]) -> Artifact:
    """Make the .xml and .bin of an ONNX artifact; nothing is written.

    Args:
        parent: ONNX.
        precision: fp32, bf16 or int8.
        pairs: To calibrate int8 with; their sides are multiples of the network's.

    Raises:
        EngineUnavailable: int8 was asked for and nncf is not installed.
    """
    import openvino
    from openvino import frontend

    onnx = frontend.FrontEndManager().load_by_framework("onnx")
    model = onnx.convert(onnx.load(BytesIO(parent.data)))
    if precision == "int8":
        model = _quantized(model, pairs)
    name = f"{parent.manifest.name}-openvino-{precision}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.xml"
        openvino.save_model(model, path, compress_to_fp16=True)
        data, weights = path.read_bytes(), path.with_suffix(".bin").read_bytes()
    manifest = parent.manifest.model_copy(
        update={
            "name": name,
            "kind": "openvino",
            "artifact_sha256": sha256_of(data, weights),
            "parent_sha256": parent.manifest.artifact_sha256,
            "precision": precision,
            "parity": None,
        }
    )
    return Artifact(parent.path.with_name(path.name), manifest, data, weights)


def _quantized(model: Any, pairs: Sequence[Pair]) -> Any:
    try:
        import nncf
    except ImportError as exc:
        raise EngineUnavailable(f"nncf can't be imported ({exc}): pip install 'irvis[int8]'") from exc
    nncf.set_log_level(logging.ERROR)
    inputs = [{"visible": pair.visible[None], "infrared": pair.infrared[None]} for pair in pairs]
    return nncf.quantize(model, nncf.Dataset(inputs), subset_size=len(inputs))
