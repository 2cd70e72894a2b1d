"""Write ``discord_api.json``, the part of Discord's description of its HTTP API that the loopback serves.

    python tests/discord_loopback/trim_description.py path/to/openapi.json

The whole description is ``specs/openapi_preview.json`` of github.com/discord/discord-api-spec, published by
Discord under the MIT licence. Kept are the request bodies of the routes that the loopback serves and the
schemas of its answers, with every schema that these refer to. Left out are texts for readers and everything
else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TRIMMED = Path(__file__).with_name("discord_api.json")
LOCAL = "#/components/schemas/"

ANSWERS = (
    "ApplicationCommandResponse",
    "GatewayBotResponse",
    "GuildChannelResponse",
    "GuildMemberResponse",
    "MessageResponse",
    "PrivateApplicationResponse",
    "UserPIIResponse",
    "UserResponse",
)
"""Schemas that the loopback's own answers are held to."""

_TEXTS = {"description", "title", "example", "examples", "externalDocs", "deprecated"}


def served_operations() -> list[tuple[str, str]]:
    """Return method and path of every route that the loopback serves and Discord describes."""
    from discord_loopback.rest import PREFIX  # noqa: PLC0415 - the description judges what these modules are sent
    from discord_loopback.server import LoopbackDiscord  # noqa: PLC0415

    return sorted(
        (route.method.lower(), route.path.removeprefix(PREFIX))
        for route in LoopbackDiscord().routes()
        if route.path.startswith(PREFIX)
    )


def trimmed(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the description ``whole`` that the loopback uses."""
    paths: dict[str, Any] = {}
    for method, path in served_operations():
        operation = whole["paths"].get(path, {}).get(method)
        if operation is None:
            continue
        body = operation.get("requestBody")
        paths.setdefault(path, {})[method] = {"requestBody": _schema(body)} if body else {}
    schemas: dict[str, Any] = {}
    wanted = [*_references(paths), *ANSWERS, "SnowflakeType"]
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = _schema(whole["components"]["schemas"][name])
            wanted += _references(schemas[name])
    info = {key: whole["info"][key] for key in ("title", "version", "license")}
    return {
        "openapi": whole["openapi"],
        "info": info,
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def written(part: dict[str, Any]) -> str:
    """Return ``part`` as JSON with a line for each operation and schema, so that an update can be read as a diff."""
    paths, schemas = (
        ",\n".join(f"{json.dumps(name)}: {json.dumps(own, sort_keys=True)}" for name, own in table.items())
        for table in (part["paths"], part["components"]["schemas"])
    )
    head = ",\n".join(f"{json.dumps(key)}: {json.dumps(part[key])}" for key in ("openapi", "info"))
    return f'{{\n{head},\n"paths": {{\n{paths}\n}},\n"components": {{"schemas": {{\n{schemas}\n}}}}\n}}\n'


def _schema(node: Any) -> Any:
    """Return ``node`` without texts for readers. Names of properties are kept, whatever they are."""
    if isinstance(node, list):
        return [_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _schema(own) for name, own in value.items()} if key == "properties" else _schema(value)
        for key, value in node.items()
        if key not in _TEXTS and not key.startswith("x-")
    }


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(LOCAL)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TRIMMED.write_text(written(trimmed(whole)), encoding="utf-8")
