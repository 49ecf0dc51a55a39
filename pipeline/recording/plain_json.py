"""Our own messages as JSON that Foxglove's app reads, which knows neither references nor nulls nor unions.

So schemas have everything in place, and a field that is null is left out of its message.
"""

import json
from typing import Any, TypeVar

import msgspec
from msgspec.inspect import DataclassType, StructType, Type, UnionType, type_info

MessageT = TypeVar("MessageT", bound=msgspec.Struct)


def schema_of(message: type[msgspec.Struct]) -> bytes:
    """The JSON schema of a message.

    Example:
        >>> class Place(msgspec.Struct):
        ...     x_px: int | None
        >>> schema_of(Place)
        b'{"title": "Place", "type": "object", "properties": {"x_px": {"type": "integer"}}, "required": []}'
    """
    _, definitions = msgspec.json.schema_components([message], ref_template="{name}")
    return json.dumps(_plain(definitions[message.__name__], definitions)).encode()


def encode(message: msgspec.Struct) -> bytes:
    """A message without its nulls."""
    return msgspec.json.encode(_without_nulls(msgspec.to_builtins(message)))


def decode(data: bytes, message: type[MessageT]) -> MessageT:
    """A message again.

    Raises:
        msgspec.DecodeError: It is none, or of another version.
    """
    found = msgspec.json.decode(data)
    _put_nulls(found, type_info(message))
    return msgspec.convert(found, message)


def _plain(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A schema without references and unions; what may be null is not required."""
    if "$ref" in schema:
        return _plain(definitions[schema["$ref"]], definitions)
    if "anyOf" in schema:
        (kind,) = (kind for kind in schema["anyOf"] if kind != {"type": "null"})
        return _plain(kind, definitions)
    plain = {key: value for key, value in schema.items() if key != "default"}
    if "enum" in plain:
        plain["type"] = "string"
    if plain["type"] == "object":
        fields = schema.get("properties", {})
        plain["properties"] = {name: _plain(field, definitions) for name, field in fields.items()}
        plain["required"] = [name for name in schema.get("required", ()) if "anyOf" not in fields[name]]
    return plain


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}


def _put_nulls(found: Any, kind: Type) -> None:
    if not isinstance(found, dict) or not isinstance(kind, DataclassType | StructType):
        return
    for field in kind.fields:
        if field.required and isinstance(field.type, UnionType) and field.type.includes_none:
            found.setdefault(field.encode_name, None)
        _put_nulls(found.get(field.encode_name), field.type)
