import subprocess
import sys

PROGRAM = """
import irvis, onnxruntime, pathlib
print([path for fd in pathlib.Path("/proc/self/fd").iterdir() if "onnxruntime.db" in (path := str(fd.resolve()))])
"""


def test_a_process_that_fuses_reports_its_use_to_nobody() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
