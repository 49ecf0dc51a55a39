"""Live infrared and visible fusion: the shared words and the engine runtime (no torch, no sockets)."""

import os
import sys

# ONNX Runtime would otherwise, from its import on, keep a database of its use and two threads to send it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# OpenVINO would report each import to its makers, by a process of its own; where this is missing it does not.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
