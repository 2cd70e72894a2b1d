"""Discord's own description of its HTTP API (``discord_api.json``, see the README), as a judge of request bodies.

Two rules differ from plain JSON Schema, both to say more, never to forgive more:
a choice between objects that a `type` tells apart is judged by the one the body names, so that the error
stands at the field and not at the choice; and a snowflake may be a number, which the API takes (its
reference, "ID serialization") though the description's type says string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from discord_loopback.compiled_schema import LOCAL, Check, CompiledSchemas
from discord_loopback.errors import Fault

DESCRIPTION = Path(__file__).with_name("discord_api.json")
CODES = {
    "maxLength": "BASE_TYPE_MAX_LENGTH",
    "minLength": "BASE_TYPE_BAD_LENGTH",
    "maxItems": "BASE_TYPE_BAD_LENGTH",
    "minItems": "BASE_TYPE_BAD_LENGTH",
    "maxProperties": "BASE_TYPE_BAD_LENGTH",
    "maximum": "NUMBER_TYPE_MAX",
    "minimum": "NUMBER_TYPE_MIN",
    "required": "BASE_TYPE_REQUIRED",
    "enum": "BASE_TYPE_CHOICES",
    "const": "BASE_TYPE_CHOICES",
    "oneOf": "UNION_TYPE_CHOICES",
    "anyOf": "UNION_TYPE_CHOICES",
    "pattern": "STRING_TYPE_REGEX",
    "format": "URL_TYPE_INVALID_URL",
    "type": "BASE_TYPE_BAD_TYPE",
    "uniqueItems": "LIST_ITEM_VALUE_DUPLICATE",
}


def schema_faults(method: str, path: str, body: Any, *, multipart: bool = False) -> list[Fault]:
    """Return what the description of `method path` (as it writes the path) finds wrong with `body`.

    Raises LookupError where it has no such operation.
    """
    schema = _schema(method.lower(), path, multipart)
    if schema is None or _certain(method.lower(), path, multipart)(body):
        return []
    return jsonschema_faults(schema, body)


def answer_faults(schema: str, value: Any) -> list[Fault]:
    """Return what the description's schema of this name finds wrong with something that the loopback itself says."""
    return jsonschema_faults({"$ref": LOCAL + schema}, value)


def jsonschema_faults(schema: Mapping[str, Any], value: Any) -> list[Fault]:
    """Return what jsonschema finds wrong with `value`, by a schema that may refer to those of the description."""
    judge = _Judge(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [_fault(error) for error in judge.iter_errors(value)]


def _fault(error: ValidationError) -> Fault:
    path: tuple[str | int, ...] = tuple(error.absolute_path)
    keyword = str(error.validator)
    if keyword == "required":
        found = re.match(r"'(.+)' is a required property", error.message)
        return Fault(
            (*path, found.group(1) if found else "?"), "BASE_TYPE_REQUIRED", "This field is required"
        )
    limit = error.validator_value
    said = {
        "maxLength": f"Must be {limit} or fewer in length.",
        "minLength": f"Must be {limit} or more in length.",
        "maxItems": f"Must be {limit} or fewer in length.",
        "minItems": f"Must be {limit} or more in length.",
        "maximum": f"Value should be less than or equal to {limit}.",
        "minimum": f"Value should be greater than or equal to {limit}.",
    }.get(keyword, error.message[:300])
    return Fault(path, CODES.get(keyword, "BASE_TYPE_INVALID"), said)


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    document["components"]["schemas"]["SnowflakeType"]["type"] = ["string", "integer"]
    return document


@cache
def _certain(method: str, path: str, multipart: bool) -> Check:
    """Return a function that says True only of bodies in which jsonschema finds nothing."""
    schema = _schema(method, path, multipart)
    return compiled_schemas().compile(schema or {})


@cache
def compiled_schemas() -> CompiledSchemas:
    """Return what compiles schemas that refer to those of the description."""
    return CompiledSchemas(_document()["components"]["schemas"], Draft202012Validator.FORMAT_CHECKER)


def _schema(method: str, path: str, multipart: bool) -> Mapping[str, Any] | None:
    operations = _document()["paths"].get(path)
    if operations is None or method not in operations:
        raise LookupError(f"{method.upper()} {path} is not in Discord's description")
    content = operations[method].get("requestBody", {}).get("content", {})
    kind = "multipart/form-data" if multipart and "multipart/form-data" in content else "application/json"
    if kind not in content:
        return None
    schema: Mapping[str, Any] = content[kind]["schema"]
    return schema


def _target(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].removeprefix(LOCAL)]
    return schema


def _reference(judge: Any, ref: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    yield from judge.descend(instance, _target({"$ref": ref}), schema_path=ref)


def _names_type(schema: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(_target(schema).get("properties", {}).get("type", {}).get("enum", ()))


def _choice(judge: Any, branches: list[Any], instance: Any, schema: Any) -> Iterator[ValidationError]:
    """One of several schemas: by the `type` the body names, else by the branch that fits best."""
    if instance is None and any(_target(b).get("type") == "null" for b in branches):
        return
    real = [b for b in branches if _target(b).get("type") != "null"]
    if isinstance(instance, dict) and len(real) > 1 and all(_names_type(b) for b in real):
        named = [b for b in real if instance.get("type") in _names_type(b)]
        if not named:
            known = sorted({n for b in real for n in _names_type(b)})
            error = ValidationError(f"Value of field 'type' must be one of {known}.", validator="enum")
            error.path.append("type")
            yield error
            return
        real = named
    tried: list[list[ValidationError]] = []
    for branch in real:
        errors = list(judge.descend(instance, branch))
        if not errors:
            return
        tried.append(errors)
    yield from min(tried, key=len)


def _plain_type(_judge: Any, types: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    names = [types] if isinstance(types, str) else types
    if not any(_is(name, instance) for name in names):
        yield ValidationError(f"{type(instance).__name__} given, {' or '.join(names)} expected.")


def _is(name: str, instance: Any) -> bool:
    match name:
        case "null":
            return instance is None
        case "boolean":
            return isinstance(instance, bool)
        case "integer":
            return isinstance(instance, int) and not isinstance(instance, bool)
        case "number":
            return isinstance(instance, int | float) and not isinstance(instance, bool)
        case "string":
            return isinstance(instance, str)
        case "array":
            return isinstance(instance, list)
        case _:
            return isinstance(instance, dict)


def _all(judge: Any, parts: list[Any], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    for part in parts:
        yield from judge.descend(instance, part)


_Judge = extend(
    Draft202012Validator,
    {"$ref": _reference, "oneOf": _choice, "anyOf": _choice, "allOf": _all, "type": _plain_type},
)
