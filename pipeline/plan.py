"""Before anything is started: is there what the configuration names, and where do its sockets go."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import yaml

from irvis.engine.artifact import open_artifact
from irvis.errors import ConfigError
from irvis.rig import load_rig
from irvis.settings import FileSource, FolderSource, McapSink, PipelineConfig, ReplaySource, VideoSink
from irvis.topics import Topic

from .sources.folder import is_image
from .storage.parts import files_of
from .supervision.nodes import nodes_of

PREFIX = "irvis-run-"
URL_FILE = "url"
"""In a run's folder: where `irvis top` finds its health."""


def check(config: PipelineConfig) -> None:
    """Look at everything that a configuration names, before a process is started for it.

    Raises:
        ConfigError: A file or folder is missing, a recording would overwrite a source, or the sinks don't fit.
        RigError: The rig can't be used.
        EngineError: The artifact can't be used.
    """
    nodes = nodes_of(config)
    for kill in config.faults.kill:
        if kill.node not in nodes:
            raise ConfigError(f"faults.kill: {kill.node}: expected one of this system's nodes: {', '.join(nodes)}")
    inputs = []
    for key, source in (("visible", config.visible), ("infrared", config.infrared)):
        if isinstance(source, FileSource | FolderSource):
            inputs.append(source.path.resolve())
            _check_input(key, source)
        elif isinstance(source, ReplaySource):
            inputs += [path.resolve() for path in files_of(source.paths)]
    for place, sink in enumerate(config.sinks):
        if isinstance(sink, VideoSink | McapSink) and sink.path.resolve() in inputs:
            raise ConfigError(f"sinks.{place}.path: {sink.path} is a source of this system; choose another file")
    if config.rig is not None:
        load_rig(config.rig)
    if config.engine.kind not in ("average", "torch"):
        open_artifact(config.engine.artifact)


def _check_input(key: str, source: FileSource | FolderSource) -> None:
    expected, found = "file", source.path.is_file()
    if source.kind == "folder":
        expected, found = "folder or image", source.path.is_dir() or is_image(source.path)
    if not found:
        hint = "set it here or with --set" if not source.path.exists() else f"set {key}.kind to what it is"
        raise ConfigError(f"{key}.path: {source.path}: no such {expected}; {hint}")


def _sweep() -> None:
    """Remove the folders of runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def private(config: PipelineConfig) -> Iterator[tuple[PipelineConfig, Path]]:
    """A folder of this run's own, for the sockets of endpoints that nobody chose and for what the nodes read.

    Yields:
        The configuration with these endpoints, and the file it is in; the folder goes when the block ends.
    """
    _sweep()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as name:
        folder = Path(name)
        chosen = config.endpoints.model_fields_set
        ours = {topic.value: f"ipc://{folder / topic}" for topic in Topic if topic.value not in chosen}
        config = config.model_copy(update={"endpoints": config.endpoints.model_copy(update=ours)})
        path = folder / "system.yaml"
        path.write_text(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False), encoding="utf-8")
        yield config, path
