"""The document of the JSON output (docs/json.md), by which what the program prints is checked."""

import re
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "json.md"
SCHEMA_FOLDER = DOCUMENT.parent / "schema"

PLAIN = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def documented() -> dict[str, dict[str, str]]:
    """For each object of the document its keys with their types."""
    objects: dict[str, dict[str, str]] = {}
    for section in re.split(r"^### ", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, rest = section.partition("\n")
        objects[name.strip()] = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", rest, flags=re.MULTILINE))
    return objects


OBJECTS = documented()


def check(value: Any, kind: str, place: str = "") -> None:
    """Fails where ``value`` is not what the document calls ``kind``."""
    place = place or kind
    if " or " in kind:
        first, second = kind.split(" or ")
        kind = second if value is None else first
    if kind.startswith("list of "):
        assert isinstance(value, list), place
        for at, item in enumerate(value):
            check(item, kind.removeprefix("list of "), f"{place}[{at}]")
    elif kind in PLAIN:
        assert PLAIN[kind](value), f"{place} is {value!r}, no {kind}"
    else:
        assert isinstance(value, dict), place
        assert list(value) == list(OBJECTS[kind]), f"keys of {place}"
        for key, item in value.items():
            check(item, OBJECTS[kind][key], f"{place}.{key}")
