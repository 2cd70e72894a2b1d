"""A filled-in modal, as Discord sends it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from discord_loopback.errors import RefusedByClientError
from discord_loopback.interactions import ModalShown
from discord_loopback.invocation import Resolved
from discord_loopback.messages import ACTION_ROW, LABEL, STRING_SELECT, TEXT_DISPLAY, TEXT_INPUT, Upload
from discord_loopback.people import Channel, Role, User
from discord_loopback.world import World

TEXT_MAX = 4000
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT, FILE_UPLOAD = 5, 6, 7, 8, 19
RADIO, CHECKBOXES, CHECKBOX = 21, 22, 23


def submitted(
    world: World, modal: ModalShown, values: Mapping[str, Any], resolved: Resolved
) -> list[dict[str, Any]]:
    """The components of a submission. Values go by custom_id or by the label over the field.

    Raises RefusedByClientError for a field the modal does not have, or a value its field does not take.
    """
    left = dict(values)
    sent: list[dict[str, Any]] = []
    number = 0
    for top in modal.components:
        number += 1
        place = {"type": top["type"], "id": top.get("id") or number}
        if top["type"] == TEXT_DISPLAY:
            sent.append(place)
            continue
        number += 1
        if top["type"] == LABEL:
            part, label = top["component"], top.get("label")
        elif top["type"] == ACTION_ROW:
            part = top["components"][0]
            label = part.get("label")
        else:
            raise RefusedByClientError(f"a modal cannot show a component of type {top['type']}")
        given = left.pop(part["custom_id"], left.pop(str(label), None))
        filled = {"type": part["type"], "id": part.get("id") or number, "custom_id": part["custom_id"]}
        filled |= _filled(world, part, given, resolved)
        sent.append(
            {**place, "component": filled} if top["type"] == LABEL else {**place, "components": [filled]}
        )
    if left:
        raise RefusedByClientError(f"the modal has no field {sorted(left)}")
    return sent


def _filled(world: World, part: dict[str, Any], given: Any, resolved: Resolved) -> dict[str, Any]:
    kind, required = part["type"], part.get("required", True)
    if kind == TEXT_INPUT:
        text = str(part.get("value") or "") if given is None else str(given)
        low, high = part.get("min_length") or 0, part.get("max_length") or TEXT_MAX
        if (required and not text) or (text and not low <= len(text) <= high):
            raise RefusedByClientError(
                f"{part['custom_id']!r} takes {low} to {high} characters, not {len(text)}"
            )
        return {"value": text}
    if kind == CHECKBOX:
        return {"value": bool(given)}
    if kind == RADIO:
        return {"value": given}
    wanted = given if isinstance(given, list) else [] if given is None else [given]
    low, high = part.get("min_values", 1 if required else 0), part.get("max_values", 1)
    if (required or wanted) and not low <= len(wanted) <= high:
        raise RefusedByClientError(f"{part['custom_id']!r} takes {low} to {high} values, not {len(wanted)}")
    return {"values": [_named(world, part, value, resolved) for value in wanted]}


def _named(world: World, part: dict[str, Any], value: Any, resolved: Resolved) -> str:
    kind = part["type"]
    if kind in (STRING_SELECT, CHECKBOXES):
        for option in part["options"]:
            if value in (option["value"], option["label"]):
                return str(option["value"])
    person = getattr(value, "user", value)
    if kind == FILE_UPLOAD and isinstance(value, Upload):
        stored = world.store_file(value, resolved.channel)
        return resolved.put("attachments", stored.id, stored.payload())
    if kind in (USER_SELECT, MENTIONABLE_SELECT) and isinstance(person, User):
        return resolved.user(person)
    if kind in (ROLE_SELECT, MENTIONABLE_SELECT) and isinstance(value, Role):
        return resolved.put("roles", value.id, value.payload())
    if kind == CHANNEL_SELECT and isinstance(value, Channel):
        return resolved.put("channels", value.id, {**value.payload(), "permissions": "0"})
    raise RefusedByClientError(f"{part['custom_id']!r} does not take {value!r}")
