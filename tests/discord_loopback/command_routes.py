"""The commands a bot has synced: listed, overwritten, added and deleted, globally or for one guild."""

from __future__ import annotations

import copy
import json
from typing import Any

from aiohttp import web

from discord_loopback.command_limits import command_faults, command_set_faults
from discord_loopback.errors import ApiError
from discord_loopback.posting import judge, read_body
from discord_loopback.world import World


class Commands:
    """Handlers of `/applications/{id}/commands` and of its twin for one guild."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self, prefix: str) -> list[web.RouteDef]:
        app = prefix + "/applications/{application_id}"
        found: list[web.RouteDef] = []
        for base in (app + "/commands", app + "/guilds/{guild_id}/commands"):
            found += [
                web.get(base, self.list_commands, allow_head=False),
                web.put(base, self.put_commands),
                web.post(base, self.post_command),
                web.delete(base + "/{command_id}", self.delete_command),
            ]
        return found

    def _guild_of(self, request: web.Request) -> int | None:
        if request.match_info["application_id"] != str(self._world.application_id):
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        guild_id = request.match_info.get("guild_id")
        if guild_id is not None and int(guild_id) not in self._world.guilds:
            raise ApiError(403, 50001, "Missing Access")
        return int(guild_id) if guild_id else None

    async def list_commands(self, request: web.Request) -> web.Response:
        commands = copy.deepcopy(self._world.commands.get(self._guild_of(request), []))
        if request.query.get("with_localizations", "").lower() not in ("1", "true"):
            text = json.dumps(commands)
            commands = json.loads(text, object_hook=_without_localizations)
        return web.json_response(commands)

    async def put_commands(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        guild_id = self._guild_of(request)
        judge(self._world, request, body, command_set_faults(body.json or []))
        old = {(c["type"], c["name"]): c["id"] for c in self._world.commands.get(guild_id, [])}
        stored = [
            self._stored(c, guild_id, old.get((c.get("type") or 1, c["name"]))) for c in body.json or []
        ]
        self._world.commands[guild_id] = stored
        self._world.changed()
        return web.json_response(stored)

    async def post_command(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        guild_id = self._guild_of(request)
        judge(self._world, request, body, command_faults(body.json or {}))
        kept = self._world.commands.setdefault(guild_id, [])
        key = (body.json.get("type") or 1, body.json["name"])
        old = next((c for c in kept if (c["type"], c["name"]) == key), None)
        stored = self._stored(body.json, guild_id, old["id"] if old else None)
        self._world.commands[guild_id] = [*(c for c in kept if c is not old), stored]
        self._world.changed()
        return web.json_response(stored, status=200 if old else 201)

    async def delete_command(self, request: web.Request) -> web.Response:
        guild_id = self._guild_of(request)
        kept = self._world.commands.get(guild_id, [])
        left = [c for c in kept if c["id"] != request.match_info["command_id"]]
        if len(left) == len(kept):
            raise ApiError(404, 10063, "Unknown application command")
        self._world.commands[guild_id] = left
        return web.Response(status=204)

    def _stored(self, command: dict[str, Any], guild_id: int | None, old_id: str | None) -> dict[str, Any]:
        allowed = command.get("default_member_permissions")
        stored = {
            "id": old_id or str(self._world.new_id()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.new_id()),
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
            "description": "",
            "name_localizations": None,
            "description_localizations": None,
            **{k: v for k, v in command.items() if v is not None and k != "id"},
            "type": command.get("type") or 1,
            "default_member_permissions": None if allowed is None else str(allowed),
        }
        if guild_id is not None:
            stored["guild_id"] = str(guild_id)
        return stored


def _without_localizations(found: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in found.items() if not k.endswith("_localizations")}
