"""JSON schemas compiled into functions that tell at once whether a value is valid.

The rules are those of `description.py`, where jsonschema names every fault of a value and takes some 20 ms for a full
message. Here a function says True only of what is valid for certain; of everything else, and of the rare value that it
does not want to decide (1.0 where 1 is expected), it says False, and jsonschema decides. So nothing is forgiven that
jsonschema would find; `tests/discord_loopback/tests/test_description.py` holds both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jsonschema import FormatChecker

LOCAL = "#/components/schemas/"

Check = Callable[[Any], bool]

_ANNOTATIONS = frozenset({"contentEncoding", "default", "deprecated", "description", "title"})
"""Keywords that a validator of Draft 2020-12 does not judge by."""


class CompiledSchemas:
    """Compiles schemas that may refer to others by name.

    Args:
        named: the schemas that `$ref` may name, without `#/components/schemas/`.
        formats: the formats that are checked; None checks none.
    """

    def __init__(self, named: Mapping[str, Mapping[str, Any]], formats: FormatChecker | None = None) -> None:
        self._named = named
        self._formats = formats
        self._compiled: dict[str, Check] = {}

    def compile(self, schema: Mapping[str, Any]) -> Check:
        """Return a function that says True of nothing but valid values.

        Raises:
            NotImplementedError: the schema has a keyword that this module does not know.
        """
        checks = [self._keyword(name, schema) for name in schema if name not in _ANNOTATIONS]
        if len(checks) == 1:
            return checks[0]
        return lambda value: all(check(value) for check in checks)

    def _keyword(self, name: str, schema: Mapping[str, Any]) -> Check:
        wanted = schema[name]
        match name:
            case "$ref":
                return self._reference(wanted.removeprefix(LOCAL))
            case "type":
                return _of_type([wanted] if isinstance(wanted, str) else wanted)
            case "const":
                return _among([wanted])
            case "enum":
                return _among(wanted)
            case "format":
                return self._of_format(wanted)
            case "properties":
                return self._properties(wanted)
            case "additionalProperties":
                return self._additional(wanted, frozenset(schema.get("properties", ())))
            case "items":
                item = self.compile(wanted)
                return lambda value: not isinstance(value, list) or all(map(item, value))
            case "allOf":
                parts = [self.compile(part) for part in wanted]
                return lambda value: all(part(value) for part in parts)
            case "oneOf" | "anyOf":
                return self._choice(wanted)
            case _:
                return _plain(name, wanted)

    def _reference(self, name: str) -> Check:
        def check(value: Any) -> bool:
            compiled = self._compiled.get(name)
            if compiled is None:
                compiled = self._compiled[name] = self.compile(self._named[name])
            return compiled(value)

        return check

    def _properties(self, schemas: Mapping[str, Any]) -> Check:
        checks = {name: self.compile(schema) for name, schema in schemas.items()}

        def check(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            return all(checks[name](part) for name, part in value.items() if name in checks)

        return check

    def _additional(self, wanted: bool | Mapping[str, Any], known: frozenset[str]) -> Check:
        if wanted is True:
            return lambda _: True
        part = self.compile(wanted) if wanted else None

        def check(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            further = [own for name, own in value.items() if name not in known]
            return not further or (part is not None and all(map(part, further)))

        return check

    def _of_format(self, name: str) -> Check:
        formats = self._formats
        if formats is None or name not in formats.checkers:
            return lambda _: True
        return lambda value: formats.conforms(value, name)

    def _choice(self, branches: Sequence[Mapping[str, Any]]) -> Check:
        """Judge as `description.py` does: by the `type` that an object names where that tells branches apart."""
        real = [branch for branch in branches if self._target(branch).get("type") != "null"]
        takes_none = len(real) < len(branches)
        checks = [self.compile(branch) for branch in real]
        types = [self._types(branch) for branch in real]
        is_told_apart = len(real) > 1 and all(types)

        def check(value: Any) -> bool:
            if value is None and takes_none:
                return True
            if is_told_apart and isinstance(value, dict):
                kind = value.get("type")
                named = zip(checks, types, strict=True)
                return any(own(value) for own, kinds in named if kind in kinds)
            return any(own(value) for own in checks)

        return check

    def _target(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._named[schema["$ref"].removeprefix(LOCAL)]
        return schema

    def _types(self, schema: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(self._target(schema).get("properties", {}).get("type", {}).get("enum", ()))


def _of_type(names: Sequence[str]) -> Check:
    kinds = {
        "null": (type(None),),
        "boolean": (bool,),
        "integer": (int,),
        "number": (int, float),
        "string": (str,),
        "array": (list,),
        "object": (dict,),
    }
    known = frozenset(kind for name in names for kind in kinds[name])
    return lambda value: type(value) in known


def _among(allowed: Sequence[Any]) -> Check:
    return lambda value: any(type(value) is type(each) and value == each for each in allowed)


def _plain(name: str, wanted: Any) -> Check:
    """Return the check of a keyword that needs no other schema. Each concerns one type, and lets the others pass."""
    match name:
        case "required":
            return lambda value: not isinstance(value, dict) or all(field in value for field in wanted)
        case "maxProperties":
            return lambda value: not isinstance(value, dict) or len(value) <= wanted
        case "maxLength":
            return lambda value: not isinstance(value, str) or len(value) <= wanted
        case "minLength":
            return lambda value: not isinstance(value, str) or len(value) >= wanted
        case "pattern":
            found = re.compile(wanted).search
            return lambda value: not isinstance(value, str) or found(value) is not None
        case "maxItems":
            return lambda value: not isinstance(value, list) or len(value) <= wanted
        case "minItems":
            return lambda value: not isinstance(value, list) or len(value) >= wanted
        case "uniqueItems":
            return lambda value: not wanted or not isinstance(value, list) or _differ(value)
        case "maximum":
            return lambda value: not isinstance(value, int | float) or value <= wanted
        case "minimum":
            return lambda value: not isinstance(value, int | float) or value >= wanted
        case _:
            raise NotImplementedError(f"the keyword {name!r} of a JSON schema")


def _differ(values: list[Any]) -> bool:
    """Return True if the values differ, and are all texts, whole numbers or None."""
    return {type(value) for value in values} <= {str, int, type(None)} and len(set(values)) == len(values)
