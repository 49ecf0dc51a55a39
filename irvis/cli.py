"""The `irvis` command: subcommands are strings, imported on use, so that each loads only what it needs."""

import difflib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from cyclopts import App, CycloptsError, Parameter

from . import log
from .errors import ConfigError, IrvisError

EXIT_USAGE = ConfigError.exit_code
EXIT_INTERRUPTED = 128 + signal.SIGINT


class Command(NamedTuple):
    """One row of the command table: where its function is, and its line in the overview."""

    function: str
    summary: str


COMMANDS = {
    "run": Command("pipeline.run:run", "Run a whole system on this machine from one configuration."),
    "node": Command("pipeline.supervision.nodes:node", "Run one node of a system: capture, fuse or a sink."),
    "view": Command("pipeline.view:view", "Show running systems live in a browser."),
    "replay": Command("pipeline.replay:replay", "Fuse a recording again, with the stamps that its frames had."),
    "info": Command("pipeline.recording.commands:info", "Show what a recording holds."),
    "recover": Command("pipeline.recording.commands:recover", "Make a recording whole that a crash cut off."),
    "export-frames": Command(
        "pipeline.recording.commands:export_frames", "Write a recording's frames as PNG files or a video."
    ),
    "fuse": Command("pipeline.offline.files:fuse", "Fuse two videos or two image folders, every frame once."),
    "bench": Command("pipeline.bench.command:bench", "Measure the engine alone and the whole pipeline."),
    "top": Command("pipeline.top:top", "Show what the nodes of running systems do, live."),
    "keys": Command("pipeline.keys:keys", "Make, list and allow the keys of a system over several hosts."),
    "config": Command("irvis.keys:config", "List every configuration key with its type and default."),
    "engines": Command(
        "irvis.engine.catalog:engines", "Show which artifacts ship and which engines can run here."
    ),
    "calibrate": Command(
        "calibration.commands:calibrate",
        "Find how the two cameras lie on each other: boards or scenes to rig.yaml.",
    ),
    "inspect": Command(
        "irvis.engine.inspection:inspect", "Show what is in an artifact, and whether it would load here."
    ),
    "train": Command("cmdfc.commands.train:train", "Train a network (needs the train extra)."),
    "evaluate": Command(
        "cmdfc.commands.evaluate:evaluate", "Measure networks on pairs they never saw (needs the train extra)."
    ),
    "export": Command("export.commands:export", "Turn a checkpoint into an artifact (needs the train extra)."),
}
EXTRAS = {"rerun": "viewer", "torch": "train", "jinja2": "train", "onnx": "train", "onnxscript": "train"}
"""Libraries that come with an extra of irvis, and the extra's name."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and exit with 0 when it worked.

    Exit codes: 0 done, 1 a defect of irvis, 2 what the user gave is wrong, 3 a source, sink or node failed,
    4 an engine failed, 130 interrupted.

    Args:
        arguments: Without the program's name; the process's own without.
    """
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_exit_code_of(tokens))


def _exit_code_of(tokens: list[str]) -> int:
    try:
        result = _app(tokens)(tokens)
    except CycloptsError:
        return EXIT_USAGE  # cyclopts has said what was wrong
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains again at exit
        return 0
    except IrvisError as exc:
        _say(str(exc))
        return exc.exit_code
    except ImportError as exc:
        _say(_explain_import(exc))
        return EXIT_USAGE
    return result if isinstance(result, int) else 0


def _app(tokens: list[str]) -> App:
    app = App(
        name="irvis",
        help="Live infrared and visible fusion: two cameras in, one fused picture with its segmentation out.",
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for name, command in COMMANDS.items():
        # The summary would replace the help of the command that is asked for, which is its docstring.
        app.command(command.function, name=name, help=None if name in tokens else command.summary)

    @app.meta.default
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        log_level: str | None = None,
    ) -> object:
        """Set up what every command shares, then run one.

        Args:
            tokens: The command and its own arguments.
            log_level: DEBUG, INFO, WARNING or ERROR; $IRVIS_LOG_LEVEL or INFO without.

        Raises:
            ConfigError: There is no such command.
        """
        log.setup(log_level)
        if tokens and not tokens[0].startswith("-") and tokens[0] not in COMMANDS:
            near = difflib.get_close_matches(tokens[0], COMMANDS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(COMMANDS)}"
            raise ConfigError(f"{tokens[0]}: no such command; {meant}")
        return app(tokens)

    return app.meta


def _explain_import(error: ImportError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        missing = (getattr(cause, "name", None) or "").partition(".")[0]
        if missing in EXTRAS:
            return f"this needs {missing}, which is not installed: pip install 'irvis[{EXTRAS[missing]}]'"
        error, cause = (cause if isinstance(cause, ImportError) else error), cause.__cause__
    return f"{error}; this installation is incomplete: pip install --force-reinstall irvis"


def _say(message: str) -> None:
    sys.stderr.write(f"irvis: {message}\n")


if __name__ == "__main__":
    main()
