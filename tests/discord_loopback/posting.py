"""From a request body to what a message shows: bodies read, merged with what stood before, judged and shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from discord_loopback.description import schema_faults
from discord_loopback.errors import ApiError, Fault, InvalidBodyError
from discord_loopback.limits import file_faults, message_faults
from discord_loopback.messages import (
    COMPONENTS_V2,
    EMPTY,
    EPHEMERAL,
    LOADING,
    Attachment,
    Message,
    Snapshot,
    Upload,
)
from discord_loopback.people import Channel
from discord_loopback.world import World

BODY: web.RequestKey[object] = web.RequestKey("body", object)
REQUEST_BYTES_MAX = 25 * 1024 * 1024
SETTABLE_FLAGS = EPHEMERAL | COMPONENTS_V2 | (1 << 2) | (1 << 12)


@dataclass(frozen=True, slots=True)
class Body:
    """A request's JSON and the files that came with it, by the number in `files[n]`."""

    json: Any
    files: dict[int, Upload]
    multipart: bool


async def read_body(request: web.Request) -> Body:
    """The JSON body, or payload_json and files[n] of a multipart one.

    Raises ApiError 413 (40005) above 25 MiB and 400 (50109) for what is not JSON.
    """
    if request.content_length is not None and request.content_length > REQUEST_BYTES_MAX:
        raise ApiError(413, 40005, "Request entity too large")
    files: dict[int, Upload] = {}
    text = ""
    multipart = request.content_type == "multipart/form-data"
    if multipart:
        form = await request.post()
        text = str(form.get("payload_json") or "{}")
        for name, value in form.items():
            if name.startswith("files[") and isinstance(value, web.FileField):
                upload = Upload(value.filename, value.file.read(), value.content_type)
                files[int(name[6:-1])] = upload
                value.file.close()
    elif request.can_read_body:
        text = await request.text()
    try:
        parsed = json.loads(text) if text else None
    except ValueError as broken:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from broken
    request[BODY] = parsed
    return Body(parsed, files, multipart)


def judge(world: World, request: web.Request, body: Body, faults: Iterable[Fault] = ()) -> None:
    """Hold a body to Discord's description of the route, where the world uses it.

    Raises InvalidBodyError for what that finds and for `faults`.
    """
    resource = request.match_info.route.resource
    path = resource.canonical.removeprefix("/api/v10") if resource is not None else request.path
    found = list(faults)
    if world.use_description:
        found += schema_faults(request.method, path, body.json, multipart=body.multipart)
    if found:
        raise InvalidBodyError(found)


def compose(
    world: World, channel: Channel, body: dict[str, Any], files: dict[int, Upload], before: Snapshot | None
) -> Snapshot:
    """What a message would show after `body`: fields that it does not name stay as they were `before`.

    Raises InvalidBodyError where the body, or what the message would become, breaks a limit.
    """
    old = before or EMPTY
    faults = list(file_faults(body, files))
    flags = old.flags & ~LOADING
    if body.get("flags") is not None:
        flags = (flags & EPHEMERAL) | (int(body["flags"]) & SETTABLE_FLAGS)
        flags |= old.flags & COMPONENTS_V2
    after = Snapshot(
        content=body["content"] or "" if "content" in body else old.content,
        embeds=tuple(body["embeds"] or ()) if "embeds" in body else old.embeds,
        components=tuple(body["components"] or ()) if "components" in body else old.components,
        attachments=_attachments(world, channel, body, files, old, faults),
        flags=flags,
        allowed_mentions=body.get("allowed_mentions"),
    )
    faults += message_faults(body, after, before)
    if faults:
        raise InvalidBodyError(faults, api_code=50006 if _only_empty(faults) else 50035)
    return after


def _only_empty(faults: list[Fault]) -> bool:
    return [fault.code for fault in faults] == ["MESSAGE_EMPTY"]


def _attachments(
    world: World,
    channel: Channel,
    body: dict[str, Any],
    files: dict[int, Upload],
    old: Snapshot,
    faults: list[Fault],
) -> tuple[Attachment, ...]:
    """The files after a request: those of `attachments`, kept or new; without that field the old and the new."""
    named = body.get("attachments")
    if named is None:
        fresh = tuple(world.store_file(upload, channel) for _, upload in sorted(files.items()))
        return fresh if "attachments" in body else old.attachments + fresh
    kept = {a.id: a for a in old.attachments}
    after: list[Attachment] = []
    for i, entry in enumerate(named):
        number = int(entry.get("id", -1))
        if number in files:
            upload = files[number]
            name = entry.get("filename") or upload.filename
            renamed = Upload(name, upload.data, upload.content_type)
            after.append(world.store_file(renamed, channel, entry.get("description")))
        elif number in kept:
            after.append(kept[number])
        else:
            said = f"No file came for attachment {number}."
            faults.append(Fault(("attachments", i, "id"), "ATTACHMENT_NOT_FOUND", said))
    return tuple(after)


def revise(world: World, message: Message, body: Body) -> None:
    """Apply an edit to a message; raises InvalidBodyError as `compose` does."""
    message.show(compose(world, message.channel, body.json or {}, body.files, message.now))
    world.changed()
