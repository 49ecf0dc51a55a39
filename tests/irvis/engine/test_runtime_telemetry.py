import subprocess
import sys

import pytest

ONNX = """
import irvis, onnxruntime, pathlib
print([path for fd in pathlib.Path("/proc/self/fd").iterdir() if "onnxruntime.db" in (path := str(fd.resolve()))])
"""
OPENVINO = """
import irvis, openvino, sys
print([name for name, module in sys.modules.items() if module and name.startswith("openvino_telemetry")])
"""


@pytest.mark.parametrize("program", [ONNX, OPENVINO], ids=["onnx", "openvino"])
def test_a_process_that_fuses_reports_its_use_to_nobody(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
