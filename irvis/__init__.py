"""Live infrared and visible fusion: the shared words and the engine runtime (no torch, no sockets)."""

import os

# ONNX Runtime would otherwise, from its import on, keep a database of its use and two threads to send it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
