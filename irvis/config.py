"""Configuration from one YAML file and dotted overrides, with errors that name file, line and key."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ConfigError


class Section(BaseModel):
    """Base of every settings section: frozen, and no key that nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


SectionT = TypeVar("SectionT", bound=BaseModel)
Tree = dict[str, Any]


def load(settings: type[SectionT], path: Path, overrides: Iterable[str] = ()) -> SectionT:
    """Read a YAML file into settings, after overriding keys.

    Args:
        settings: The model to fill.
        path: The YAML file; relative paths inside it are left as they are.
        overrides: `dotted.key=value`, the value in YAML (`sync.slop_ms=8`, `sinks.0.path=out.mp4`).

    Raises:
        ConfigError: The file is missing or not YAML, or a key is unknown or has a bad value.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: can't be read ({exc}); expected a YAML configuration") from exc
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        tree = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(exc).split())}") from exc
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: expected a mapping of sections, got {type(tree).__name__}")
    overridden = [override(tree, item) for item in overrides]
    try:
        return settings.model_validate(tree)
    except ValidationError as exc:
        problems = [_explain(error, path, root, overridden) for error in exc.errors(include_url=False)]
        raise ConfigError("\n".join(problems)) from exc


def from_options(settings: type[SectionT], **options: object) -> SectionT:
    """Make settings of a command's options, which are named as the keys that they set.

    Raises:
        ConfigError: An option has a bad value.
    """
    try:
        return settings.model_validate(options)
    except ValidationError as exc:
        problems = [f"--{error['loc'][0]}: {_say(error)}" for error in exc.errors(include_url=False)]
        raise ConfigError("\n".join(problems)) from exc


def override(tree: Tree, item: str) -> str:
    """Set one dotted key of a tree in place; returns the key.

    Raises:
        ConfigError: The item is not `key=value`, or its key goes through something that has no keys.

    Example:
        >>> tree = {"sync": {"slop_ms": 12}}
        >>> override(tree, "sync.slop_ms=8"), tree
        ('sync.slop_ms', {'sync': {'slop_ms': 8}})
    """
    key, equals, text = item.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {item}: expected key=value, for example sync.slop_ms=8")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise ConfigError(f"--set {item}: the value is not YAML: {' '.join(str(exc).split())}") from exc
    *parents, last = key.split(".")
    place: Any = tree
    for name in parents:
        place = _step(place, name, item)
    if isinstance(place, dict):
        place[last] = value
    elif isinstance(place, list) and last.isdigit() and int(last) < len(place):
        place[int(last)] = value
    else:
        raise ConfigError(f"--set {item}: there is no {key} to set")
    return key


def parse_size(text: str) -> tuple[int, int]:
    """Read a size as people write it.

    Raises:
        ConfigError: It is not WIDTHxHEIGHT.

    Example:
        >>> parse_size("640x480")
        (640, 480)
    """
    width, _, height = text.lower().partition("x")
    if width.isdecimal() and height.isdecimal() and int(width) and int(height):
        return int(width), int(height)
    raise ConfigError(f"size {text}: expected WIDTHxHEIGHT in pixels, for example 640x480")


def _step(place: Any, name: str, item: str) -> Any:
    if isinstance(place, dict):
        if place.get(name) is None:
            place[name] = {}
        return place[name]
    if isinstance(place, list) and name.isdigit() and int(name) < len(place):
        return place[int(name)]
    raise ConfigError(f"--set {item}: there is no {name} to go through")


def _explain(error: Mapping[str, Any], path: Path, root: yaml.Node | None, overridden: Sequence[str]) -> str:
    keys, line = _locate(root, error["loc"])
    dotted = ".".join(str(key) for key in keys) or "(whole file)"
    given = any(dotted == key or dotted.startswith(f"{key}.") for key in overridden)
    where = f"--set {dotted}" if given else f"{path}:{line}: {dotted}"
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key; `irvis config` lists the known ones"
    return f"{where}: {_say(error)}"


def _say(error: Mapping[str, Any]) -> str:
    got = error.get("input")
    shown = "" if error["type"] == "missing" or isinstance(got, dict) else f", got {got!r}"
    return f"{error['msg']}{shown}"


def _locate(root: yaml.Node | None, location: Sequence[str | int]) -> tuple[list[str | int], int]:
    """The keys of an error as the file has them (pydantic adds the names of union members), and its line."""
    node, line, keys = root, 1, []
    for index, key in enumerate(location):
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == key]
            if found:
                line = found[0][0].start_mark.line + 1
                node = found[0][1]
                keys.append(key)
                continue
            kinds = [v.value for k, v in node.value if k.value == "kind"]
            if key in kinds:
                continue
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
            keys.append(key)
            continue
        keys += location[index:]
        break
    return keys, line
