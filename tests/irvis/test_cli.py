"""The `irvis` command: quick help, lazy subcommands, one line and an exit code for every error."""

import subprocess
import sys
from pathlib import Path

import pytest

from irvis.cli import COMMANDS, main
from irvis.errors import ConfigError, EngineError, NodeError, RigError, SourceError

HEAVY = ("numpy", "cv2", "zmq", "av", "onnxruntime", "openvino", "torch", "pydantic")


def irvis(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, after some code."""
    program = f"{code}\nfrom irvis.cli import main; main({list(arguments)!r})"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


def exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    code = caught.value.code
    assert isinstance(code, int)
    return code


def test_help_lists_every_command_without_importing_what_they_need() -> None:
    report = f"import atexit, sys; atexit.register(lambda: print([m for m in {HEAVY} if m in sys.modules]))"
    done = irvis("--help", code=report)
    assert done.returncode == 0
    assert all(f" {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("train", "evaluate", "export")])
def test_help_of_a_command_is_its_docstring(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(name, "--help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert COMMANDS[name].summary not in shown
    assert f"Usage: irvis {name}" in shown


def test_unknown_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("bnech") == 2
    assert capsys.readouterr().err == "irvis: bnech: no such command; did you mean bench?\n"


def test_unknown_option_is_the_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("config", "--nonsense", "1") == 2
    assert "--nonsense" in capsys.readouterr().err


def test_missing_configuration_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("run", "none.yaml") == 2
    error = capsys.readouterr().err
    assert error.startswith("irvis: none.yaml: can't be read")
    assert error.count("\n") == 1


def test_unknown_key_is_told_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("visible: {kind: synthetic}\ninfrared: {kind: synthetic}\nsync:\n  slop_s: 1\n")
    assert exit_code("run", str(path)) == 2
    assert f"{path}:4: sync.slop_s: unknown key" in capsys.readouterr().err


def test_node_without_its_sink_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "no_sink.yaml"
    path.write_text("visible: {kind: synthetic}\ninfrared: {kind: synthetic}\n")
    assert exit_code("node", "record", str(path)) == 2
    assert "none of them is what node record runs" in capsys.readouterr().err


def test_config_shows_the_keys_of_a_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("config", "sync") == 0
    out = capsys.readouterr().out
    assert "sync.slop_ms" in out
    assert "capture.pace" not in out


def test_engines_shows_what_runs_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("engines", "--size", "64x48") == 0
    assert "average" in capsys.readouterr().out


def test_size_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("engines", "--size", "640") == 2
    assert "expected WIDTHxHEIGHT in pixels" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["train", "evaluate", "export"])
def test_command_whose_extra_is_missing_names_it(name: str) -> None:
    done = irvis(name, "--help", code="import sys; sys.modules['torch'] = None")
    assert done.returncode == 2
    assert done.stderr == "irvis: this needs torch, which is not installed: pip install 'irvis[train]'\n"


def test_ctrl_c_is_quiet() -> None:
    interrupt = (
        "import signal, irvis.keys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "irvis.keys.keys_of = lambda *_: signal.raise_signal(signal.SIGINT)"
    )  # what runs in the background of a shell ignores SIGINT, and so do its children
    done = irvis("config", code=interrupt)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def test_errors_have_the_promised_exit_codes() -> None:
    assert [error.exit_code for error in (ConfigError, RigError, SourceError, NodeError, EngineError)] == [
        2,
        2,
        3,
        3,
        4,
    ]
