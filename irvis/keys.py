"""`irvis config`: every key of a configuration with its type, default and meaning, read from the models."""

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .settings import PipelineConfig
from .topics import runtime_dir

_NAMES = {int: "int", float: "float", str: "text", bool: "true | false", Path: "path", types.NoneType: "null"}
_BOUNDS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


PAGE = """# Configuration

One YAML file describes one system; each node reads its part. Written by `irvis config --markdown`.

- A source or sink has a `kind`; a row that names a kind is a key of that kind alone.
- The elements of a list are named by their numbers: `sinks.0.path`.
- `--set sync.slop_ms=8` overrides a key on the command line, as often as it is given.
- A key that is unknown or has a bad value stops the start, with file, line, key and what was expected.
- `RUNTIME_DIR` is `$IRVIS_RUNTIME_DIR`, or a folder of the user's in the temporary one; `irvis run` gives each
  run a folder of its own.
- `configs/pipeline/` has systems to start from.
"""


class Key(NamedTuple):
    """One key: dotted name, the `kind` of its section where there are several, type, default and meaning."""

    name: str
    kind: str
    type: str
    default: str
    meaning: str


def config(section: str = "", *, markdown: bool = False) -> None:
    """List every configuration key with its type, default and meaning.

    The same dotted names go after --set, for example `irvis run CONFIG --set sync.slop_ms=8`; an element of a list
    is named by its number, as in `--set sinks.0.path=out.mp4`.

    Args:
        section: Show only the keys that begin with this, for example `sync`.
        markdown: Print all of them as the page docs/configuration.md instead.
    """
    if markdown:
        print(page(), end="")  # noqa: T201
        return
    table = Table("key", "of kind", "type", "default", "meaning", box=None, pad_edge=False, header_style="bold")
    for key in keys_of(PipelineConfig):
        if key.name.startswith(section):
            table.add_row(*map(escape, key))
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(table)


def page() -> str:
    """The reference of all keys in Markdown, one table for each section."""
    text = [PAGE]
    for name, field in PipelineConfig.model_fields.items():
        text.append(f"\n## {name}\n\n{_meaning(field)}\n")
        if name == "infrared":
            text.append("Its keys are those of `visible`.\n")
            continue
        text.append("\n| key | of kind | type | default | meaning |\n|---|---|---|---|---|\n")
        for key in keys_of(PipelineConfig):
            if key.name.partition(".")[0] == name:
                default = key.default.replace(str(runtime_dir()), "RUNTIME_DIR")
                cells = (f"`{key.name}`", key.kind, key.type, f"`{default}`", key.meaning)
                text.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(text)


def keys_of(model: type[BaseModel], prefix: str = "", kind: str = "") -> Iterator[Key]:
    """Every key below a model, in the order of its fields but `kind` first.

    Example:
        >>> from irvis.settings import Supervision
        >>> next(keys_of(Supervision, "supervision."))[:4]
        ('supervision.max_restarts', '', 'int >= 0', '5')
    """
    for field_name, field in sorted(model.model_fields.items(), key=lambda item: item[0] != "kind"):
        name = f"{prefix}{field_name}"
        sections = list(_sections(field.annotation))
        below = f"{name}.0." if get_origin(field.annotation) is list else f"{name}."
        for section in sections:
            own = section.model_fields.get("kind")
            own_kind = str(own.default) if own is not None and len(sections) > 1 else kind
            yield from keys_of(section, below, own_kind)
        if not sections and field_name != "kind":
            yield Key(name, kind, _type_of(field.annotation, field.metadata), _default(field), _meaning(field))
        elif field_name == "kind":
            wanted = kind or _type_of(field.annotation, [])
            yield Key(
                name, kind, wanted, _default(field), field.description or "Which of the kinds this section is."
            )


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Annotated, Union, types.UnionType, list):
        for part in get_args(annotation):
            yield from _sections(part)


def _type_of(annotation: Any, metadata: list[Any]) -> str:
    bounds = "".join(
        f" {sign} {getattr(item, bound):g}"
        for item in metadata
        for bound, sign in _BOUNDS.items()
        if getattr(item, bound, None) is not None
    )
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = [
            item for extra in parts[1:] for item in (extra.metadata if isinstance(extra, FieldInfo) else [extra])
        ]
        return _type_of(parts[0], [*metadata, *inner])
    if origin is Literal:
        return " | ".join(map(str, parts))
    if origin in (Union, types.UnionType):
        return " | ".join(_type_of(part, metadata if part is not types.NoneType else []) for part in parts)
    if origin in (tuple, list):
        return f"[{', '.join('...' if part is ... else _type_of(part, []) for part in parts)}]"
    return _NAMES.get(annotation, getattr(annotation, "__name__", str(annotation))) + bounds


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "(required)"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meaning(field: FieldInfo) -> str:
    return " ".join((field.description or "").split())
